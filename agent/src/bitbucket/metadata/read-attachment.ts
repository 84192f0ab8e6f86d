import { createHash } from 'node:crypto';
import { AppError } from '@gitprotect/shared/errors';
import * as v from 'valibot';
import { endpoint, type Scope } from '../endpoint.ts';
import type { BinaryBody, Reader } from '../reader.ts';
import type { AttachmentLink } from './attachment-links.ts';
import { ifFound } from './if-found.ts';
import type { ReadRecord } from './kind-reader.ts';
import { locate } from './places.ts';

const repo = '/api/latest/projects/{projectKey}/repos/{repositorySlug}';
export const attachmentAt = { repo: endpoint(`${repo}/attachments/{attachmentId}`) };
export const attachmentMetadataAt = { repo: endpoint(`${repo}/attachments/{attachmentId}/metadata`) };

/** Bitbucket allows 5 MB unless an admin says otherwise, and a record is held in memory whole. */
const largest = 32 * 1024 * 1024;

/** An id may be a path with any name in it; keys are of few characters. */
export function attachmentKey(id: string): string {
  if (/^\w[\w.:-]{0,99}$/.test(id)) return id;
  return `${id.replaceAll(/[^A-Za-z0-9.:-]/g, '_').slice(-60)}-${createHash('sha256').update(id).digest('hex').slice(0, 16)}`;
}

/** An attachment with its bytes; `null` when the server has none of that id. One too large to keep is only named. */
export async function readAttachment(from: Reader, scope: Scope, link: AttachmentLink, signal: AbortSignal): Promise<ReadRecord | null> {
  const { id, name } = link;
  for (const form of formsOf(id)) {
    const at = (place: typeof attachmentAt): string => form(locate(place, scope, { attachmentId: id }));
    const body = await bytesOf(from, at(attachmentAt), signal);
    if (body === null) continue;
    const content =
      'tooLarge' in body
        ? body
        : {
            contentType: body.contentType ?? 'application/octet-stream',
            base64: Buffer.from(body.bytes).toString('base64'),
            ...metadataField(await ifFound(from.get(at(attachmentMetadataAt), { schema: v.unknown(), signal }))),
          };
    const value = { id, ...(name === undefined ? {} : { name }), ...content };
    return { kind: 'attachments', key: attachmentKey(id), stamp: '1', value };
  }
  return null;
}

const metadataField = (metadata: unknown): { metadata?: unknown } => (metadata === null ? {} : { metadata });

const asPublished = (path: string): string => path;

/** An id of an older server has a slash. Published is one part of a path; but many servers refuse a slash that is encoded. */
function formsOf(id: string): ((path: string) => string)[] {
  return id.includes('/') ? [asPublished, (path) => path.replaceAll('%2F', '/')] : [asPublished];
}

async function bytesOf(from: Reader, path: string, signal: AbortSignal): Promise<BinaryBody | { tooLarge: number } | null> {
  try {
    const body = await from.bytes(path, { signal });
    return body.bytes.length > largest ? { tooLarge: body.bytes.length } : body;
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    const { tooLarge, status } = error.facts;
    if (typeof tooLarge === 'number') return { tooLarge };
    // Anybody can write anything that looks like a link: 400 is a server's word for what is no id at all.
    if (error.code === 'not-found' || status === 400) return null;
    throw error;
  }
}
