/** The hash a repo names its objects with. A repo has one for life. */
export type ObjectFormat = 'sha1' | 'sha256';

/** Bytes in an object id, and in the trailer of a pack. */
export const hashBytes = { sha1: 20, sha256: 32 } as const satisfies Record<ObjectFormat, number>;

/** Whether `text` is an object id (lower-case hex) of that format. */
export function isObjectId(text: string, format: ObjectFormat): boolean {
  return text.length === hashBytes[format] * 2 && /^[0-9a-f]+$/.test(text);
}
