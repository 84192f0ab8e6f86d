import type { MetadataKind } from '@gitprotect/shared/metadata';
import { pairItems, type Level } from '../../bitbucket/metadata/item.ts';
import { normalise } from './normalise.ts';

/** One thing in which a server is not as a snapshot says. `missing`: the server lacks it; `extra`: the snapshot does. */
export interface Difference {
  readonly what: string;
  readonly difference: 'missing' | 'differs' | 'extra';
}

/** What a server (`target`, as the readers store it) has otherwise than a snapshot. Empty for kinds that have no settings to compare. */
export function compareKind(kind: MetadataKind, snapshot: unknown, target: unknown, level: Level): Difference[] {
  const wanted = normalise(kind, snapshot, level);
  const present = normalise(kind, target, level);
  if (wanted === null || present === null) return [];
  const { pairs, extra } = pairItems(wanted.items, present.items);
  return [
    ...pairs
      .filter(({ same }) => !same)
      .map(({ wanted: { what }, present: other }): Difference => ({ what, difference: other === null ? 'missing' : 'differs' })),
    ...(wanted.list ? extra : []).map(({ what }): Difference => ({ what, difference: 'extra' })),
  ];
}
