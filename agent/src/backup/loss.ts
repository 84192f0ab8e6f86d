import { formatCount } from '@gitprotect/shared/format';
import type { Lost } from '../catalogue/manifest.ts';
import type { KnownListing } from '../git/plan-fetch.ts';
import type { ListedRefs, RefTarget } from '../git/ref-listing.ts';

/** A listing as far as its objects can be had, and what cannot. */
export interface Obtainable {
  readonly listed: ListedRefs;
  /** One entry a ref. */
  readonly lost: readonly Lost[];
}

/**
 * A listing without what the server cannot give: a ref whose object is out of reach stays where the chain has it, and is left out where the chain
 * has none. Nothing that a snapshot names is then missing from its chain.
 */
export function obtainable(listed: ListedRefs, outOfReach: ReadonlySet<string>, held: KnownListing | undefined): Obtainable {
  const refs = new Map<string, RefTarget>();
  const lost: Lost[] = [];
  for (const [name, target] of listed.refs) {
    const old = held?.refs.get(name);
    if (!outOfReach.has(target.oid)) refs.set(name, target);
    else {
      lost.push({ oid: target.oid, kind: 'ref', name });
      if (old !== undefined) refs.set(name, old);
    }
  }
  const { symbolic, oid } = listed.head;
  if (oid === undefined || !outOfReach.has(oid)) return { listed: { ...listed, refs }, lost };
  const branch = symbolic === undefined ? held?.head.oid : refs.get(symbolic)?.oid;
  const head = { ...(symbolic === undefined ? {} : { symbolic }), ...(branch === undefined ? { unborn: true } : { oid: branch }) };
  return { listed: { ...listed, refs, head }, lost };
}

const named = 5;

/** What a reader of the report must know of objects that the server has lost; nothing when none are. */
export function wordsOfLoss(lost: readonly Lost[]): string[] {
  const refs = lost.filter(({ kind }) => kind === 'ref');
  const objects = lost.filter(({ kind }) => kind === 'object');
  const again = 'each run asks for it again; "git fsck" on the server says more';
  return [
    ...(objects.length === 0
      ? []
      : [`the server has lost ${formatCount(objects.length, 'object')} (${some(objects)}): the rest is saved, ${again}`]),
    ...(refs.length === 0
      ? []
      : [
          `the server cannot give ${formatCount(refs.length, 'ref')} (${some(refs)}), as objects behind it are lost: kept as the backups have it, if they do; ${again}`,
        ]),
  ];
}

function some(lost: readonly Lost[]): string {
  const names = lost.slice(0, named).map(({ name, oid }) => name ?? oid);
  return lost.length > named ? `${names.join(', ')}, …` : names.join(', ');
}
