import { formatCount } from '@gitprotect/shared/format';
import type { Continuation } from '../catalogue/next-manifest.ts';
import { listRefs, type ListRefsOptions, type RefListing } from '../git/list-refs.ts';
import { compareRefs, refsVanished } from '../git/plan-fetch.ts';
import type { FetchParts } from './fetch-bundle.ts';

export type Listed = Extract<RefListing, { unchanged: false }>;

/** Asks for the list of refs, with whatever credential may. `avoid`: not with these, if there are others. */
export async function list(
  { access, line, signal }: FetchParts,
  known: Pick<ListRefsOptions, 'expect' | 'objectFormat'>,
  avoid: readonly string[] = [],
): Promise<RefListing> {
  const listing = await access.ask((transport) => listRefs(transport, { ...known, signal, dialect: line.dialect }), avoid);
  line.dialect = listing.dialect;
  return listing;
}

/** The list itself, whatever the last one was. */
export async function listWhole(
  parts: FetchParts,
  objectFormat: ListRefsOptions['objectFormat'],
  avoid?: readonly string[],
): Promise<Listed> {
  const listing = await list(parts, { objectFormat }, avoid);
  if (listing.unchanged) throw new TypeError('nothing was expected, and yet it is unchanged');
  return listing;
}

/** A list that lost most of its refs is asked for again, with another credential if there is one, and then believed with a warning. */
export async function doubted(
  listed: Listed,
  { before, damage }: Continuation,
  parts: FetchParts,
): Promise<{ listed: Listed; warnings: string[] }> {
  const warnings = damage === null ? [] : [`nothing is built on the snapshot before this one, so this one is full: ${damage}`];
  if (before === undefined || !refsVanished(before.refs, listed.refs)) return { listed, warnings };
  const second = await listWhole(parts, listed.objectFormat, parts.access.credentialIds);
  if (refsVanished(before.refs, second.refs)) {
    const gone = compareRefs(before.refs, second.refs).deleted.length;
    warnings.push(`${gone} of ${formatCount(before.refs.size, 'ref')} are gone since the last snapshot; that snapshot still restores them`);
  }
  return { listed: second, warnings };
}
