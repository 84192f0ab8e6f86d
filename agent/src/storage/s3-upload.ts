import { createHash, randomUUID } from 'node:crypto';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  HeadObjectCommand,
  PutObjectRetentionCommand,
  PutObjectCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { AppError } from '@gitprotect/shared/errors';
import { claim } from './s3-claim.ts';
import { s3Answer } from './s3-error.ts';
import type { S3Line } from './s3-line.ts';
import { partsOf, type Part } from './s3-parts.ts';
import type { Stored } from './storage.ts';

/** Parts on their way at one time; one more is being filled. */
const atOnce = 2;

/** The name of the field, in an object's own metadata, that says which call of ours wrote it. */
const writer = 'gitprotect-put';

/**
 * Writes `source` as one object, create-only: at once where it is small, in parts where it is not. An object that another has made meanwhile is
 * `storage-exists`; after any failure there is neither object nor upload, as far as the server can be reached to say so.
 */
export async function upload(line: S3Line, name: string, source: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<Stored> {
  const hash = createHash('sha256');
  let bytes = 0;
  const id = randomUUID();
  const parts = partsOf(source);
  const taking = async function* (): AsyncGenerator<Part> {
    for await (const part of parts) {
      hash.update(part.bytes);
      bytes += part.bytes.length;
      yield part;
    }
  };
  const counted = taking();
  try {
    const first = (await counted.next()).value;
    if (first === undefined) throw new AppError('internal', 'a stream had no first part');
    if (first.last) await putWhole(line, name, { part: first, id, signal });
    else await putInParts(line, name, { first, rest: counted, id, signal });
    // A small one went over in one request with its length and hash.
    if (!first.last || line.settings.lock !== null) await checkStored(line, name, bytes, signal);
  } finally {
    await counted.return(undefined);
  }
  return { bytes, sha256: hash.digest('hex') };
}

interface Whole {
  readonly part: Part;
  readonly id: string;
  readonly signal: AbortSignal;
}

async function putWhole(line: S3Line, name: string, { part, id, signal }: Whole): Promise<void> {
  const command = {
    ...target(line, name, id),
    Body: part.bytes,
    ContentLength: part.bytes.length,
    ContentMD5: md5(part.bytes),
    IfNoneMatch: '*',
  };
  await createOnly(line, name, { id, signal }, (options) => line.client.send(new PutObjectCommand(command), options));
}

interface InParts {
  readonly first: Part;
  readonly rest: AsyncGenerator<Part>;
  readonly id: string;
  readonly signal: AbortSignal;
}

async function putInParts(line: S3Line, name: string, { first, rest, id, signal }: InParts): Promise<void> {
  const { client } = line;
  const what = `${name} could not be written`;
  await using _claim = await claim(line, name, signal);
  if ((await headOf(line, name, signal)) !== undefined) throw taken(line, name);
  const created = await line.ask(what, (options) => client.send(new CreateMultipartUploadCommand(target(line, name, id)), options), signal);
  const upload = { Bucket: line.settings.bucket, Key: line.keyOf(name), UploadId: created.UploadId };
  try {
    const finished = await sendParts(line, { upload, first, rest, what, signal });
    const complete = { ...upload, IfNoneMatch: '*', MultipartUpload: { Parts: finished } };
    await createOnly(line, name, { id, signal }, (options) => client.send(new CompleteMultipartUploadCommand(complete), options));
  } catch (error) {
    // Not with the signal, which may be what ended it. A lost upload is swept away at a later start.
    await client.send(new AbortMultipartUploadCommand(upload), { abortSignal: AbortSignal.timeout(10_000) }).catch(() => undefined);
    throw error;
  }
}

interface Sending {
  readonly upload: { Bucket: string; Key: string; UploadId: string | undefined };
  readonly first: Part;
  readonly rest: AsyncGenerator<Part>;
  readonly what: string;
  readonly signal: AbortSignal;
}

/** Sends the parts, a few at a time; the source is read no faster than they go. */
async function sendParts(
  line: S3Line,
  { upload, first, rest, what, signal }: Sending,
): Promise<{ PartNumber: number; ETag: string | undefined }[]> {
  const finished: { PartNumber: number; ETag: string | undefined }[] = [];
  const onTheirWay = new Set<Promise<void>>();
  // One failure ends the others: their requests are not waited for to time out.
  const failure = new AbortController();
  const either = AbortSignal.any([signal, failure.signal]);
  const send = async (part: Part, PartNumber: number): Promise<void> => {
    const command = { ...upload, PartNumber, Body: part.bytes, ContentLength: part.bytes.length, ContentMD5: md5(part.bytes) };
    const { ETag } = await line.ask(what, (options) => line.client.send(new UploadPartCommand(command), options), either);
    finished.push({ PartNumber, ETag });
    part.release();
  };
  const start = (part: Part, number: number): void => {
    const sending = send(part, number).finally(() => onTheirWay.delete(sending));
    sending.catch((error: unknown) => failure.abort(error));
    onTheirWay.add(sending);
  };
  try {
    let number = 1;
    start(first, number);
    for (let next = await rest.next(); next.done !== true; next = await rest.next()) {
      number += 1;
      start(next.value, number);
      while (onTheirWay.size >= atOnce) await Promise.race(onTheirWay);
      either.throwIfAborted();
    }
    await Promise.all(onTheirWay);
    return finished.toSorted((a, b) => a.PartNumber - b.PartNumber);
  } catch (error) {
    failure.abort(error);
    await Promise.allSettled(onTheirWay);
    throw error;
  }
}

/**
 * A request that must not replace an object. Refused, the object is looked at: after an answer that was lost on its way the request is repeated and
 * refused because of ourselves.
 */
async function createOnly(
  line: S3Line,
  name: string,
  { id, signal }: { id: string; signal: AbortSignal },
  request: (options: { abortSignal: AbortSignal }) => Promise<unknown>,
): Promise<void> {
  for (let tries = 0; ; tries += 1) {
    let answer: ReturnType<typeof s3Answer> | undefined;
    await line.ask(
      `${name} could not be written`,
      (options) =>
        request(options).catch((error: unknown) => {
          answer = s3Answer(error);
          // 409: another request for that name is just being decided. 404: our own upload is complete already.
          if (![412, 409, 404].includes(answer.status) || answer.name === 'NoSuchBucket') throw error;
        }),
      signal,
    );
    if (answer === undefined) return;
    const there = await headOf(line, name, signal);
    if (there?.writer === id) return;
    if (there !== undefined) throw taken(line, name);
    if (answer.status !== 409 || tries === 4) {
      throw new AppError(
        'storage-unreachable',
        `${line.place}: ${name} could not be written: the server changed its mind (${answer.status})`,
        { remedy: 'run the plan again' },
      );
    }
  }
}

async function headOf(
  line: S3Line,
  name: string,
  signal: AbortSignal,
): Promise<{ bytes: number; writer: string | undefined; locked: boolean } | undefined> {
  const command = new HeadObjectCommand({ Bucket: line.settings.bucket, Key: line.keyOf(name) });
  const head = await line.ask(
    `${name} could not be looked at`,
    (options) =>
      line.client.send(command, options).catch((error: unknown) => {
        if (s3Answer(error).status === 404) return undefined;
        throw error;
      }),
    signal,
  );
  return head === undefined
    ? undefined
    : { bytes: head.ContentLength ?? 0, writer: head.Metadata?.[writer], locked: head.ObjectLockMode !== undefined };
}

/** What the server says it has, against what was asked for. Ceph 16 forgets the lock of what came in parts: it is asked for again, by itself. */
async function checkStored(line: S3Line, name: string, bytes: number, signal: AbortSignal): Promise<void> {
  const there = await headOf(line, name, signal);
  if (there?.bytes !== bytes) {
    throw new AppError('storage-corrupt', `${line.place} has ${there?.bytes ?? 'no'} bytes of ${name} where ${bytes} were written`, {
      remedy: 'do not use this server for backups: it says it has stored what it has not',
    });
  }
  const { lock, bucket } = line.settings;
  if (lock === null || there.locked) return;
  const command = { Bucket: bucket, Key: line.keyOf(name), Retention: { Mode: lock.mode, RetainUntilDate: lockedUntil(line, lock.days) } };
  const what = `${name} could not be locked`;
  await line.ask(what, (options) => line.client.send(new PutObjectRetentionCommand(command), options), signal);
}

const lockedUntil = ({ now }: S3Line, days: number): Date => new Date(now() + days * 86_400_000);

/** What is the same for small and large objects. */
function target(line: S3Line, name: string, id: string) {
  const { settings, keyOf } = line;
  const { encryption, lock } = settings;
  return {
    Bucket: settings.bucket,
    Key: keyOf(name),
    Metadata: { [writer]: id },
    ...(encryption === null ? {} : { ServerSideEncryption: encryption.kind }),
    ...(encryption?.kind === 'aws:kms' && encryption.kmsKey !== null ? { SSEKMSKeyId: encryption.kmsKey } : {}),
    ...(lock === null ? {} : { ObjectLockMode: lock.mode, ObjectLockRetainUntilDate: lockedUntil(line, lock.days) }),
  };
}

function taken({ place }: S3Line, name: string): AppError {
  return new AppError('storage-exists', `${name} is already in the storage ${place}`, { facts: { name } });
}

const md5 = (bytes: Uint8Array): string => createHash('md5').update(bytes).digest('base64');
