import type { MetadataKind } from '@gitprotect/shared/metadata';
import { comparableWriters } from '../../bitbucket/metadata/all-writers.ts';
import type { Item, Level } from '../../bitbucket/metadata/item.ts';
import { detailsItems } from '../../bitbucket/metadata/writers/details.ts';

/** A kind in a form that two servers can share. */
export interface Normal {
  readonly items: readonly Item[];
  /** Whether more on one side is a difference: in a list it is, in an object a newer server merely has more fields. */
  readonly list: boolean;
}

/**
 * A record's value without what belongs to one server: ids, links, dates, versions, pictures of users, what is inherited, name and place of
 * the repo. The writers judge by the same items whether there is anything to do. `null` for kinds that are not compared like this: pull
 * requests, their attachments, and what no API brings back.
 */
export function normalise(kind: MetadataKind, value: unknown, level: Level): Normal | null {
  if (kind === 'details') return { items: detailsItems(value, level), list: false };
  const writer = comparableWriters.find((candidate) => candidate.kind === kind);
  return writer === undefined ? null : { items: writer.items(value, level), list: writer.list };
}
