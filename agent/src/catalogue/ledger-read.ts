import { createHash } from 'node:crypto';
import { AppError } from '@gitprotect/shared/errors';
import { bytesOf } from '../storage/bytes.ts';
import { signatureName } from '../storage/layout.ts';
import type { Storage } from '../storage/storage.ts';
import type { Secret } from '../lib/secret.ts';
import { decodeList, type LedgerList } from './ledger-list.ts';
import { signSsh } from './ssh-signature.ts';

/** A list with its name, and the SHA-256 of its bytes. */
export interface ReadList extends LedgerList {
  readonly name: string;
  readonly sha256: string;
}

const sizeLimit = 500_000_000;

/**
 * Reads a list that this agent has signed, or another one with the same vault.
 * @throws AppError `storage-corrupt` when it or its signature is not ours, `not-found` when one of them is not there
 */
export async function readList(
  { storage, signingKey }: { readonly storage: Storage; readonly signingKey: Secret },
  name: string,
  signal: AbortSignal,
): Promise<ReadList> {
  const bytes = await bytesOf(await storage.get(name, { signal }), sizeLimit, name);
  const signature = signatureName(name);
  const found = await bytesOf(await storage.get(signature, { signal }), 10_000, signature);
  // Ed25519 signs the same bytes in the same way each time.
  if (found.toString('utf8') !== signSsh(bytes, signingKey))
    throw new AppError('storage-corrupt', `${name} is not signed by this agent: it or ${signature} was changed or forged`, {
      remedy: 'put both back from a copy of the storage, and find out who can write to it',
      facts: { name },
    });
  return { ...decodeList(bytes, name), name, sha256: createHash('sha256').update(bytes).digest('hex') };
}

/** A list, and those it comes after. */
interface Ordered {
  readonly name: string;
  readonly previous: readonly { readonly name: string }[];
}

/** Lists in an order in which each comes after those it names, as far as they are among these. */
export function inOrder<L extends Ordered>(lists: readonly L[]): L[] {
  const byName = new Map(lists.map((one) => [one.name, one]));
  const ordered = new Set<L>();
  // A loop in place of a recursion: a chain of years is deep.
  for (const first of lists.toSorted((a, b) => a.name.localeCompare(b.name))) {
    const open = [first];
    for (let list = open.at(-1); list !== undefined; list = open.at(-1)) {
      const before = list.previous.map(({ name }) => byName.get(name)).filter((one) => one !== undefined && !ordered.has(one));
      const [next] = before.filter((one) => one !== undefined && !open.includes(one));
      if (next !== undefined) open.push(next);
      else {
        ordered.add(list);
        open.pop();
      }
    }
  }
  return [...ordered];
}
