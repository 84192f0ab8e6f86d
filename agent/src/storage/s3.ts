import {
  AbortMultipartUploadCommand,
  DeleteObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
} from '@aws-sdk/client-s3';
import { abortable } from '../lib/abortable.ts';
import { expected } from './expected.ts';
import { checkName, isObjectName } from './object-name.ts';
import { s3Answer } from './s3-error.ts';
import { s3Line, type S3Line } from './s3-line.ts';
import { readObject } from './s3-read.ts';
import type { S3Access, S3Settings } from './s3-settings.ts';
import { upload } from './s3-upload.ts';
import type { GetOptions, PutOptions, Storage, Stored, StoredObject } from './storage.ts';

export interface S3Options {
  readonly access: S3Access;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** How long a connection may be silent, in milliseconds. */
  readonly silence?: number | undefined;
  /** Names in one answer of a listing. */
  readonly page?: number | undefined;
}

/** A storage in a bucket of S3, or of a server that speaks like it. Nothing is asked of it before the first call. */
export function s3Storage(settings: S3Settings, { access, now, silence, page }: S3Options): Storage {
  return new S3Storage(s3Line(settings, access, { now, silence }), page);
}

/** Nothing is uploaded for longer; what is older was left behind. */
const staleMilliseconds = 7 * 86_400_000;

const never = new AbortController().signal;

class S3Storage implements Storage {
  readonly place: string;
  readonly #line: S3Line;
  readonly #page: number;
  #swept = false;

  constructor(line: S3Line, page = 1000) {
    this.#page = page;
    this.place = line.place;
    this.#line = line;
  }

  async put(name: string, source: AsyncIterable<Uint8Array>, { signal }: PutOptions): Promise<Stored> {
    checkName(name);
    signal.throwIfAborted();
    await this.#sweep(signal);
    return upload(this.#line, name, abortable(source, signal), signal);
  }

  async get(name: string, { signal, expect }: GetOptions): Promise<AsyncIterable<Uint8Array>> {
    checkName(name);
    const bytes = await readObject(this.#line, name, signal);
    return expect === undefined ? bytes : expected(bytes, expect, name);
  }

  async *list(prefix: string): AsyncGenerator<StoredObject> {
    const { client, settings, keyOf } = this.#line;
    for (let token: string | undefined; ;) {
      const command = new ListObjectsV2Command({
        Bucket: settings.bucket,
        Prefix: keyOf(prefix),
        ContinuationToken: token,
        MaxKeys: this.#page,
      });
      const page = await this.#line.ask('it could not be listed', (options) => client.send(command, options), never);
      for (const { Key = '', Size = 0 } of page.Contents ?? []) {
        const name = Key.slice(settings.prefix.length);
        if (isObjectName(name)) yield { name, bytes: Size };
      }
      if (page.IsTruncated !== true) return;
      token = page.NextContinuationToken;
    }
  }

  async stat(name: string): Promise<StoredObject | undefined> {
    checkName(name);
    const { client, settings, keyOf } = this.#line;
    const command = new HeadObjectCommand({ Bucket: settings.bucket, Key: keyOf(name) });
    return this.#line.ask(
      `${name} could not be looked at`,
      async (options) => {
        try {
          const { ContentLength = 0 } = await client.send(command, options);
          return { name, bytes: ContentLength };
        } catch (error) {
          if (s3Answer(error).status === 404) return undefined;
          throw error;
        }
      },
      never,
    );
  }

  async remove(name: string): Promise<void> {
    checkName(name);
    const { client, settings, keyOf } = this.#line;
    const command = new DeleteObjectCommand({ Bucket: settings.bucket, Key: keyOf(name) });
    await this.#line.ask(`${name} could not be removed`, (options) => client.send(command, options), never);
  }

  async freeBytes(): Promise<null> {
    return null;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#line.client.destroy();
  }

  /** Ends uploads that a killed process left behind, once: they are invisible, and paid for. Who may not list them leaves them to the bucket's own rule. */
  async #sweep(signal: AbortSignal): Promise<void> {
    if (this.#swept) return;
    this.#swept = true;
    const { client, settings, now } = this.#line;
    const options = { abortSignal: signal };
    try {
      const { Uploads = [] } = await client.send(
        new ListMultipartUploadsCommand({ Bucket: settings.bucket, Prefix: settings.prefix }),
        options,
      );
      for (const { Key, UploadId, Initiated } of Uploads) {
        if (Initiated === undefined || Initiated.getTime() > now() - staleMilliseconds) continue;
        await client.send(new AbortMultipartUploadCommand({ Bucket: settings.bucket, Key, UploadId }), options);
      }
    } catch {
      signal.throwIfAborted();
    }
  }
}
