import { createHash } from 'node:crypto';

/** A record that stands in a snapshot: what it holds, in short, and what can be seen of it without reading it. */
export interface Known {
  readonly hash: string;
  /** `undefined`: it is read each time. */
  readonly stamp: string | undefined;
}

/** By kind and key. */
export type MetadataIndex = ReadonlyMap<string, ReadonlyMap<string, Known>>;

/** What an index line is made of; keys come from ids and are checked before they get here. */
export const keyPattern = /^[A-Za-z0-9.:_-]{1,120}$/;

/** `pull-requests 17 k3J… 9aQ…`: kind, key, hash, and the stamp where it has one. */
export function indexLine(kind: string, key: string, { hash, stamp }: Known): string {
  return [kind, key, hash, ...(stamp === undefined ? [] : [stamp])].join(' ');
}

/** Reads the lines of a manifest back; what is no line is passed over, and its record is written anew. */
export function readIndex(lines: readonly string[]): MetadataIndex {
  const index = new Map<string, Map<string, Known>>();
  for (const line of lines) {
    const [kind = '', key = '', hash = '', stamp] = line.split(' ');
    if (hash === '') continue;
    const ofKind = index.get(kind) ?? new Map<string, Known>();
    index.set(kind, ofKind.set(key, { hash, stamp }));
  }
  return index;
}

/** 96 bits of a value's SHA-256, whatever the order of its fields: the server names none. */
export function contentHash(value: unknown): string {
  return createHash('sha256').update(canonical(value)).digest('base64url').slice(0, 16);
}

function canonical(value: unknown): string {
  return (
    JSON.stringify(value, (_, part: unknown) =>
      typeof part === 'object' && part !== null && !Array.isArray(part)
        ? Object.fromEntries(Object.entries(part).toSorted(([a], [b]) => (a < b ? -1 : 1)))
        : part,
    ) ?? ''
  );
}
