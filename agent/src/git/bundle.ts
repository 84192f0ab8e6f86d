import { AppError } from '@gitprotect/shared/errors';
import { isObjectId, type ObjectFormat } from './object-id.ts';
import { decodeName, encodeName, isRefName } from './ref-name.ts';

/** The text before the pack in a bundle (gitformat-bundle). */
export interface BundleHeader {
  readonly objectFormat: ObjectFormat;
  /** Commits the reader must have already. Never tags: git refuses a bundle that asks for one. */
  readonly prerequisites: readonly string[];
  /** Name and object id of the refs the bundle brings; HEAD may be among them. */
  readonly refs: readonly (readonly [name: string, oid: string])[];
}

/** A bundle taken apart; read `pack` to its end, or return it, to close what it comes from. */
export interface OpenBundle {
  readonly header: BundleHeader;
  readonly pack: AsyncGenerator<Uint8Array, void>;
}

const signatures = { sha1: '# v2 git bundle\n', sha256: '# v3 git bundle\n@object-format=sha256\n' } as const;
const endOfHeader = Buffer.from('\n\n');
/** A million refs with long names; beyond it, it is no header. */
const longestHeader = 256 * 1024 * 1024;

/** The header as bytes: version 2, or 3 for SHA-256, which version 2 cannot name. */
export function encodeBundleHeader({ objectFormat, prerequisites, refs }: BundleHeader): Buffer {
  const broken = refs.find(([name]) => name !== 'HEAD' && !isRefName(name));
  if (broken !== undefined) throw new RangeError(`${JSON.stringify(broken[0])} cannot stand in a bundle header`);
  return Buffer.concat([
    Buffer.from(signatures[objectFormat]),
    Buffer.from(prerequisites.map((oid) => `-${oid} \n`).join('')),
    ...refs.map(([name, oid]) => encodeName(`${oid} ${name}\n`)),
    Buffer.from('\n'),
  ]);
}

/** A whole bundle: the header, then the pack as it comes. */
export async function* bundleStream(header: BundleHeader, pack: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void> {
  yield encodeBundleHeader(header);
  yield* pack;
}

/** Reads the header of a bundle and hands over the pack behind it. `source` names the bundle in errors (`backup-damaged`). */
export async function openBundle(bundle: AsyncIterable<Uint8Array>, source: string): Promise<OpenBundle> {
  const chunks = bundle[Symbol.asyncIterator]();
  let bytes: Buffer = Buffer.alloc(0);
  let end = -1;
  while (end < 0) {
    const next = await chunks.next();
    if (next.done === true) throw damaged(source, 'it ends inside its header');
    const searchedTo = Math.max(0, bytes.length - 1);
    bytes = Buffer.concat([bytes, next.value]);
    end = bytes.indexOf(endOfHeader, searchedTo);
    if (end < 0 && bytes.length > longestHeader) throw damaged(source, 'its header has no end');
  }
  const header = readHeader(bytes.subarray(0, end), source);
  return { header, pack: theRest(bytes.subarray(end + endOfHeader.length), chunks) };
}

async function* theRest(start: Uint8Array, chunks: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array, void> {
  try {
    if (start.length > 0) yield start;
    for (let next = await chunks.next(); next.done !== true; next = await chunks.next()) yield next.value;
  } finally {
    await chunks.return?.();
  }
}

function readHeader(bytes: Buffer, source: string): BundleHeader {
  const lines = splitLines(bytes);
  const signature = lines.shift();
  if (signature !== '# v2 git bundle' && signature !== '# v3 git bundle') throw damaged(source, 'it does not begin as a bundle does');
  let objectFormat: ObjectFormat = 'sha1';
  const prerequisites: string[] = [];
  const refs: (readonly [string, string])[] = [];
  const oid = (text: string): string => {
    if (!isObjectId(text, objectFormat)) throw damaged(source, `its header names the object ${JSON.stringify(text)}`);
    return text;
  };
  for (const line of lines) {
    const space = line.indexOf(' ');
    if (line.startsWith('@')) {
      if (line !== '@object-format=sha256' && line !== '@object-format=sha1') {
        throw new AppError('git-unsupported', `the bundle ${source} needs ${JSON.stringify(line)}, which this program does not know`);
      }
      objectFormat = line === '@object-format=sha256' ? 'sha256' : 'sha1';
    } else if (line.startsWith('-')) prerequisites.push(oid(line.slice(1, space < 0 ? undefined : space)));
    else {
      const name = line.slice(space + 1);
      if (name !== 'HEAD' && !isRefName(name)) throw damaged(source, `its header names the ref ${JSON.stringify(name)}`);
      refs.push([name, oid(line.slice(0, space))]);
    }
  }
  return { objectFormat, prerequisites, refs };
}

function splitLines(bytes: Buffer): string[] {
  const lines: string[] = [];
  for (let at = 0; at <= bytes.length;) {
    const feed = bytes.indexOf(0x0a, at);
    const end = feed < 0 ? bytes.length : feed;
    lines.push(decodeName(bytes.subarray(at, end)));
    at = end + 1;
  }
  return lines;
}

function damaged(source: string, what: string): AppError {
  return new AppError('backup-damaged', `the bundle ${source} is damaged: ${what}`, {
    remedy: 'verify the storage; restore from another snapshot',
  });
}
