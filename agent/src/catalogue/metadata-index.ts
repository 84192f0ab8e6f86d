import { createHash } from 'node:crypto';
import * as v from 'valibot';

/** What is known of a record that stands, without its value. */
export interface IndexEntry {
  readonly kind: string;
  readonly key: string;
  /** `contentHash` of its value. */
  readonly hash: string;
  /** See `ReadRecord.stamp`. */
  readonly stamp?: string;
}

/** One name for kind and key together: neither has a space. */
export const indexKey = ({ kind, key }: Pick<IndexEntry, 'kind' | 'key'>): string => `${kind} ${key}`;

/** `labels - 0123456789abcdef`, and behind it the stamp as a JSON string, if there is one. */
export function indexLine({ kind, key, hash, stamp }: IndexEntry): string {
  return stamp === undefined ? `${kind} ${key} ${hash}` : `${kind} ${key} ${hash} ${JSON.stringify(stamp)}`;
}

const Stamp = v.pipe(v.string(), v.parseJson(), v.string());

/** Reads a line back; `undefined` for one that is none, whose record is then taken for new. */
export function readIndexLine(line: string): IndexEntry | undefined {
  const match = /^([a-z-]+) ([A-Za-z0-9.:_-]+) ([0-9a-f]{16})(?: (.+))?$/s.exec(line);
  if (match === null) return undefined;
  const [, kind = '', key = '', hash = '', text] = match;
  if (text === undefined) return { kind, key, hash };
  const stamp = v.safeParse(Stamp, text);
  return stamp.success ? { kind, key, hash, stamp: stamp.output } : undefined;
}

/** Whether a record's key can be written in a line. */
export const isKey = (key: string): boolean => /^[A-Za-z0-9.:_-]{1,200}$/.test(key);

/** 64 bits over a value's JSON with sorted keys: the order in which a server names fields means nothing. */
export function contentHash(value: unknown): string {
  const text = JSON.stringify(value, (_, inner: unknown) => (isObject(inner) ? sorted(inner) : inner));
  return createHash('sha256')
    .update(text ?? 'null')
    .digest('hex')
    .slice(0, 16);
}

function sorted(object: Readonly<Record<string, unknown>>): Record<string, unknown> {
  // Without a prototype: a field may be called `__proto__`.
  const copy: Record<string, unknown> = Object.create(null);
  for (const key of Object.keys(object).toSorted()) copy[key] = object[key];
  return copy;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
