import { AppError } from '@gitprotect/shared/errors';
import { kindOf } from '../storage/layout.ts';
import { isObjectName } from '../storage/object-name.ts';

/** An object by name, with the SHA-256 of its bytes in storage. */
export interface NamedHash {
  readonly name: string;
  readonly sha256: string;
}

/** One list of a server's ledger: what a run or a step of upkeep added to storage and took from it. */
export interface LedgerList {
  /** The lists it comes after: one, none for the first of all, several where two agents had written beside each other. */
  readonly previous: readonly NamedHash[];
  readonly added: readonly NamedHash[];
  /** What need not be in storage any more. */
  readonly removed: readonly NamedHash[];
}

/**
 * A list as it lies in storage: `sha256sum`'s own format, hash, two spaces, name. What `sha256sum --check` must not look for is in lines that begin
 * with `#`, which it passes over: the list's own name, so that it cannot stand in another's place, and what was removed.
 */
export function encodeList(name: string, { previous, added, removed }: LedgerList): Buffer {
  const lines = [
    `# list ${name}`,
    ...[...previous, ...added].map(({ sha256, name: object }) => `${sha256}  ${object}`),
    ...removed.map(({ sha256, name: object }) => `# removed ${sha256}  ${object}`),
  ];
  return Buffer.from(lines.map((line) => `${line}\n`).join(''));
}

/**
 * Reads a list back; other lines that begin with `#` are left for later releases. Lists from before they said their own name name the record of their run instead.
 * @throws AppError `storage-corrupt` when it is none, or that of another name
 */
export function decodeList(bytes: Uint8Array, name: string): LedgerList {
  const previous: NamedHash[] = [];
  const added: NamedHash[] = [];
  const removed: NamedHash[] = [];
  const record = name.replace(/\.sha256$/, '.json.zst.age');
  let own: string | undefined;
  const lines = Buffer.from(bytes).toString('utf8').split('\n');
  if (lines.pop() !== '') throw noList(name, 'its last line is cut off');
  for (const line of lines) {
    if (line.startsWith('# list ')) own ??= line.slice('# list '.length);
    const [, gone, sha256 = '', object = ''] = /^(# removed )?([0-9a-f]{64}) {2}(\S+)$/.exec(line) ?? [];
    if (isObjectName(object)) {
      if (gone !== undefined) removed.push({ name: object, sha256 });
      else if (kindOf(object).kind === 'list') previous.push({ name: object, sha256 });
      else added.push({ name: object, sha256 });
      if (object === record) own ??= name;
    } else if (!line.startsWith('#')) throw noList(name, 'it has a line that names no object');
  }
  if (own !== name) throw noList(name, 'it is the list of another run');
  return { previous, added, removed };
}

function noList(name: string, why: string): AppError {
  return new AppError('storage-corrupt', `${name} cannot be read as a list of objects: ${why}`, {
    remedy: 'put the object back from a copy of the storage, and find out who can write to it',
    facts: { name },
  });
}
