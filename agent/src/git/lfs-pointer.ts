/** What a large file's pointer says: the SHA-256 of its bytes, and how many they are. */
export interface LfsPointer {
  readonly oid: string;
  readonly bytes: number;
}

/** A pointer is smaller than this (git-lfs, docs/spec.md, "The Pointer"). */
export const pointerLimit = 1024;

const version = /^version https?:\/\/(?:git-lfs\.github\.com\/spec\/v1|hawser\.github\.com\/spec\/v1|git-media\.io\/v\/2)$/;

/** Reads a blob as a pointer; `null` for any other. Takes also what lenient clients wrote: other line ends, no last line end, keys of extensions. */
export function readPointer(blob: Uint8Array): LfsPointer | null {
  if (blob.length >= pointerLimit) return null;
  const [first = '', ...lines] = Buffer.from(blob).toString('latin1').split(/\r?\n/);
  if (!version.test(first.trimEnd())) return null;
  let [oid, bytes]: [string | undefined, number | undefined] = [undefined, undefined];
  for (const line of lines) {
    const [key, value] = [line.slice(0, line.indexOf(' ')), line.slice(line.indexOf(' ') + 1).trimEnd()];
    if (key === 'oid') oid = /^sha256:([0-9a-f]{64})$/.exec(value)?.[1];
    if (key === 'size' && /^\d{1,15}$/.test(value)) bytes = Number(value);
  }
  return oid === undefined || bytes === undefined ? null : { oid, bytes };
}
