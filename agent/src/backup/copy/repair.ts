import { asAppError } from '@gitprotect/shared/errors';
import type { Ledger } from '../../catalogue/ledger.ts';
import { damageOf } from '../../storage/damage-of.ts';
import type { Storage } from '../../storage/storage.ts';

export interface RepairParts {
  readonly storage: Storage;
  readonly ledger: Ledger;
  readonly serverIds: readonly string[];
  /** Where whole objects may be had, with the names people know. */
  readonly copies: readonly { readonly name: string; readonly storage: Storage }[];
  readonly signal: AbortSignal;
}

export interface Repaired {
  readonly checked: number;
  readonly repaired: string[];
  /** What no copy has whole, and what was found there. */
  readonly lost: { name: string; why: string }[];
}

/**
 * Reads everything the signed lists name and puts back from a copy what is missing or is not what was written. A damaged object is removed only when the
 * copy's was read to its end and is right.
 */
export async function repair(parts: RepairParts): Promise<Repaired> {
  const { storage, ledger, serverIds, signal } = parts;
  const result: Omit<Repaired, 'checked'> = { repaired: [], lost: [] };
  const seen = new Set<string>();
  for (const serverId of serverIds) {
    for (const [name, sha256] of await ledger.standing(serverId, signal)) {
      if (seen.has(name)) continue;
      seen.add(name);
      const damage = await damageOf(storage, name, sha256, signal);
      if (damage === null) continue;
      const why = await putBack(parts, name, sha256);
      if (why === null) result.repaired.push(name);
      else result.lost.push({ name, why: `${damage}; ${why}` });
    }
  }
  return { checked: seen.size, ...result };
}

/** `null` when it is whole again, else why not. */
async function putBack({ storage, copies, signal }: RepairParts, name: string, sha256: string): Promise<string | null> {
  if (copies.length === 0) return 'there is no copy';
  const reasons: string[] = [];
  for (const copy of copies) {
    try {
      const there = await copy.storage.stat(name);
      const damage = there === undefined ? 'it is missing' : await damageOf(copy.storage, name, sha256, signal);
      if (there === undefined || damage !== null) {
        reasons.push(`in “${copy.name}” ${damage ?? 'it is missing'}`);
        continue;
      }
      await storage.remove(name);
      await storage.put(name, await copy.storage.get(name, { signal, expect: { bytes: there.bytes, sha256 } }), { signal });
      return null;
    } catch (error) {
      signal.throwIfAborted();
      reasons.push(`“${copy.name}”: ${asAppError(error).message}`);
    }
  }
  return reasons.join('; ');
}
