import { DeleteObjectCommand, GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { AppError } from '@gitprotect/shared/errors';
import { setTimeout as delay } from 'node:timers/promises';
import { s3Answer } from './s3-error.ts';
import type { S3Line } from './s3-line.ts';
import { isLeftBehind, unfinishedName } from './unfinished.ts';

/*
 * Not every server that creates small objects only once does so for those sent in parts (Ceph does not). So who sends parts holds the name, by a small
 * object below `.writing/`, which is no object's name. Who finds it held waits: then the object is there, or the name is free again.
 */

/** Older than any upload: whoever held it is gone. */
const staleMilliseconds = 7 * 86_400_000;
const pauseMilliseconds = 1000;

/** Holds a name until disposed. Waits while another holds it. */
export async function claim(line: S3Line, name: string, signal: AbortSignal): Promise<AsyncDisposable> {
  const { client, settings, keyOf } = line;
  const target = { Bucket: settings.bucket, Key: keyOf(`.writing/${name}`) };
  const what = `${name} could not be written`;
  const own = unfinishedName();
  /** Where the bucket keeps versions, this one is removed for good. */
  const release = async (VersionId?: string): Promise<void> => {
    await client
      .send(new DeleteObjectCommand({ ...target, VersionId }), { abortSignal: AbortSignal.timeout(10_000) })
      .catch(() => undefined);
  };
  const held = (version?: string): AsyncDisposable => ({ [Symbol.asyncDispose]: () => release(version) });
  for (;;) {
    const created = await line.ask(
      what,
      (options) =>
        client.send(new PutObjectCommand({ ...target, Body: own, IfNoneMatch: '*' }), options).then(
          ({ VersionId }) => ({ VersionId }),
          (error: unknown) => {
            if ([409, 412].includes(s3Answer(error).status)) return null;
            throw error;
          },
        ),
      signal,
    );
    if (created !== null) return held(created.VersionId);
    const holder = await holderOf(line, target, signal);
    // The answer to our own request was lost, and it was repeated.
    if (holder?.text === own) return held();
    if (holder === undefined) continue;
    if (isLeftBehind(holder.text) || holder.since < line.now() - staleMilliseconds) await release();
    else await delay(pauseMilliseconds, undefined, { signal }).catch(() => signal.throwIfAborted());
  }
}

async function holderOf(
  line: S3Line,
  target: { Bucket: string; Key: string },
  signal: AbortSignal,
): Promise<{ text: string; since: number } | undefined> {
  return line.ask(
    'who writes there could not be read',
    async (options) => {
      try {
        const { Body, LastModified } = await line.client.send(new GetObjectCommand(target), options);
        if (Body === undefined) throw new AppError('internal', 'an answer of S3 had no body');
        return { text: await Body.transformToString(), since: LastModified?.getTime() ?? line.now() };
      } catch (error) {
        if (s3Answer(error).status === 404) return undefined;
        throw error;
      }
    },
    signal,
  );
}
