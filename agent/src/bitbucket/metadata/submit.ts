import * as v from 'valibot';
import type { ScopedEndpoint } from '../endpoint.ts';
import type { Sent } from '../writer.ts';
import type { Operation } from './kind-reader.ts';
import type { KindWriter, WriteContext } from './kind-writer.ts';

interface Submitting {
  readonly query?: Readonly<Record<string, string | number | boolean>>;
}

/** Sends one change; what the server answers is no matter. */
export async function submit(
  context: WriteContext,
  method: 'POST' | 'PUT',
  path: string,
  { query, ...body }: Submitting & Sent,
): Promise<void> {
  const { target, signal } = context;
  // Bitbucket takes what is no JSON for a forged form otherwise.
  const headers = { 'x-atlassian-token': 'no-check' };
  await target.send(method, path, { body, schema: v.unknown(), query, headers, signal });
}

/** Every entry of a paged list of the target. */
export async function everyEntry({ target, signal }: WriteContext, path: string, query: Submitting['query'] = {}): Promise<unknown[]> {
  const entries: unknown[] = [];
  for await (const entry of target.pages(path, { schema: v.unknown(), query, signal })) entries.push(entry);
  return entries;
}

/** An answer in JSON of the target. */
export function objectAt({ target, signal }: WriteContext, path: string): Promise<unknown> {
  return target.get(path, { schema: v.unknown(), signal });
}

/** The operations at both levels. */
export function operationsOf(...used: readonly (readonly [method: string, at: ScopedEndpoint] | Operation)[]): KindWriter['operations'] {
  const at = (level: 'repo' | 'project') => used.map((one) => (typeof one === 'string' ? one : `${one[0]} ${one[1][level].template}`));
  return { repo: at('repo'), project: at('project') };
}
