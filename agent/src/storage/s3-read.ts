import { Readable } from 'node:stream';
import { GetObjectCommand, type GetObjectCommandOutput } from '@aws-sdk/client-s3';
import { AppError } from '@gitprotect/shared/errors';
import { abortable } from '../lib/abortable.ts';
import { s3Answer } from './s3-error.ts';
import type { S3Line } from './s3-line.ts';

/** Cuts without a byte in between that a read survives. */
const patience = 5;

interface Opened {
  readonly body: Readable;
  readonly tag: string | undefined;
}

/** Opens an object and hands on its bytes; where the connection breaks, goes on from there. Rejects with `not-found` before the first byte. */
export async function readObject(line: S3Line, name: string, signal: AbortSignal): Promise<AsyncIterable<Uint8Array>> {
  const first = await open(line, name, { from: 0, tag: undefined, signal });
  return onwards(line, name, first, signal);
}

async function* onwards(line: S3Line, name: string, first: Opened, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  let { body } = first;
  let at = 0;
  for (let failures = 0; ;) {
    try {
      for await (const piece of abortable<Uint8Array>(body, signal)) {
        at += piece.length;
        failures = 0;
        yield piece;
      }
      return;
    } catch (error) {
      signal.throwIfAborted();
      failures += 1;
      if (failures > patience) throw await line.ask(`${name} could not be read to its end`, () => Promise.reject(error), signal);
    } finally {
      body.destroy();
    }
    ({ body } = await open(line, name, { from: at, tag: first.tag, signal }));
  }
}

interface From {
  readonly from: number;
  /** Of the object as it was first opened: never the end of another one. */
  readonly tag: string | undefined;
  readonly signal: AbortSignal;
}

async function open(line: S3Line, name: string, { from, tag, signal }: From): Promise<Opened> {
  const command = new GetObjectCommand({
    Bucket: line.settings.bucket,
    Key: line.keyOf(name),
    ...(from === 0 ? {} : { Range: `bytes=${from}-`, IfMatch: tag }),
  });
  const answer = await line.ask(
    `${name} could not be read`,
    (options) =>
      line.client.send(command, options).catch((error: unknown): GetObjectCommandOutput => {
        const { name: code, status } = s3Answer(error);
        if (status === 404 && code !== 'NoSuchBucket')
          throw new AppError('not-found', `${name} is not in the storage ${line.place}`, { facts: { name }, cause: error });
        throw error;
      }),
    signal,
  );
  if (!(answer.Body instanceof Readable)) throw new AppError('internal', 'an answer of S3 had no body');
  return { body: answer.Body, tag: answer.ETag };
}
