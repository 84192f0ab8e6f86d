import { AppError } from '@gitprotect/shared/errors';
import * as v from 'valibot';
import { endpoint, type Scope } from '../../endpoint.ts';
import type { Reader } from '../../reader.ts';
import { operationsOf } from '../simple-readers.ts';

const content = { repo: endpoint('/api/latest/projects/{projectKey}/repos/{repositorySlug}/attachments/{attachmentId}') };
const about = { repo: endpoint('/api/latest/projects/{projectKey}/repos/{repositorySlug}/attachments/{attachmentId}/metadata') };

export const attachmentOperations = operationsOf([content, about]).repo ?? [];

/** More than an administrator is likely to allow; the name and size of a larger one are kept. */
const largest = 32 * 1024 * 1024;

/** An attachment, or `null` where there is none of that id any more. */
export async function readAttachment(from: Reader, { projectKey, slug }: Scope, id: string, signal: AbortSignal): Promise<unknown> {
  const names = { projectKey, repositorySlug: slug ?? '', attachmentId: id };
  const body = await from.bytes(content.repo.at(names), { signal }).catch(absent);
  if (body === null) return null;
  const metadata = await from.get(about.repo.at(names), { schema: v.unknown(), signal }).catch(absent);
  const common = { id, contentType: body.contentType, ...(metadata === null ? {} : { metadata }) };
  return body.bytes.length > largest
    ? { ...common, tooLarge: body.bytes.length }
    : { ...common, base64: Buffer.from(body.bytes).toString('base64') };
}

function absent(error: unknown): null {
  if (error instanceof AppError && (error.code === 'not-found' || error.code === 'repo-not-found')) return null;
  throw error;
}
