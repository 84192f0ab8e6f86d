import { AppError } from '@gitprotect/shared/errors';
import type { PrintedKey } from '@gitprotect/shared/recovery-key';
import { Secret } from '../lib/secret.ts';
import { opened } from '../restore/opened.ts';
import type { Handlers } from './dispatch.ts';
import type { Parts, Telling } from './parts.ts';

type Calls = Pick<Handlers, Extract<keyof Handlers, `recovery-key.${string}` | `storage-key.${string}`>>;

/** The calls about keys to the backups. Only the command line makes those that bring a secret half out or in. */
export function keyHandlers(parts: Parts, telling: Telling): Calls {
  const { recoveryKeys } = parts;
  return {
    'recovery-key.list': () => recoveryKeys.list(),
    'recovery-key.print': async ({ passphrase }) => {
      await mustKnow(parts, passphrase);
      return tried(parts, await telling(recoveryKeys.print()));
    },
    'recovery-key.replace': async ({ passphrase }) => {
      await mustKnow(parts, passphrase);
      return tried(parts, await telling(recoveryKeys.replace()));
    },
    'recovery-key.add': ({ recipient, name }) => telling(recoveryKeys.add(recipient, name)),
    'recovery-key.remove': ({ recipient }) => telling(recoveryKeys.remove(recipient)),
    'recovery-key.use': ({ identity }) => telling(recoveryKeys.use(new Secret(identity.trim()))),
    'storage-key.rotate': async () => ({ recipient: await telling(recoveryKeys.rotateOwn()) }),
  };
}

/** Who only sits at an unlocked terminal does not know the passphrase. @throws AppError `vault-passphrase` */
async function mustKnow({ vault }: Parts, passphrase: string | undefined): Promise<void> {
  if (vault.kind !== 'sealed-file' || vault.locked) return;
  if (passphrase === undefined)
    throw new AppError('vault-passphrase', 'the recovery key is shown only to who knows the passphrase of the vault', {
      remedy: 'give it on standard input: gitprotect-agent recovery-key --passphrase-stdin < FILE',
    });
  await vault.unlock(new Secret(passphrase));
}

/** Tries a key that may have lain in a drawer for years on the newest snapshot of each repo. */
async function tried({ place, snapshots, signal }: Parts, key: Omit<PrintedKey, 'opens'>): Promise<PrintedKey> {
  const newest = new Map((await snapshots({})).toReversed().map((one) => [`${one.serverId} ${one.repoId}`, one]));
  try {
    const { storage } = await place(signal);
    return { ...key, opens: await opened(storage, new Secret(key.identity), [...newest.values()], signal) };
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof AppError) return { ...key, opens: null };
    throw error;
  }
}
