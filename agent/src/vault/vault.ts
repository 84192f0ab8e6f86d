import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { AppError } from '@gitprotect/shared/errors';
import type { AgentStatus } from '@gitprotect/shared/status';
import type { Clock } from '../lib/clock.ts';
import type { Log } from '../lib/log.ts';
import type { Secret } from '../lib/secret.ts';
import { KeychainVault } from './keychain.ts';
import { KeyFileVault } from './key-file.ts';
import { moveSecrets } from './move.ts';
import { recall, remember } from './remembered.ts';
import { SealedFile } from './sealed-file.ts';

export type VaultKind = AgentStatus['vault']['kind'];

/** Where secrets rest. Every method rejects with an `AppError` whose code begins with `vault-`. */
export interface Vault extends AsyncDisposable {
  readonly kind: VaultKind;
  /** What is not as safe as it should be, and what to do; shown with every status. */
  readonly warning: string | null;
  readonly locked: boolean;
  /** The secret of an entry, or `null`: it is certain then that there is none. */
  get(id: string): Promise<Secret | null>;
  /** Stores the secret. When it resolves, it is on disk. */
  set(id: string, secret: Secret): Promise<void>;
  /** Deletes the entry; nothing happens when there is none. */
  delete(id: string): Promise<void>;
  /** Ids of all entries. */
  ids(): Promise<readonly string[]>;
  /** Opens a locked vault; makes it when it does not exist yet. A keychain is unlocked by its system, the passphrase is not used. */
  unlock(passphrase: Secret): Promise<void>;
}

/** A vault that can also be given up, after its secrets have moved to another. */
export interface VaultPlace extends Vault {
  /** Deletes every trace of it. */
  discard(): Promise<void>;
}

/** What a person decided about the vault. */
export interface VaultChoice {
  readonly vault: VaultKind | 'auto';
  /** For a sealed file: from the environment, a file or systemd's credentials. */
  readonly passphrase: Secret | null;
}

/**
 * Opens the vault of `home`, a folder that exists. The first time `auto` takes: a sealed file if there is a passphrase, the keychain if it
 * passes its probe, else a key file. What was taken is remembered and never changed silently; choosing another kind moves all secrets there.
 * @throws AppError `vault-unavailable` when the remembered or chosen vault cannot be reached, and the errors of unlocking
 */
export async function openVault(from: { home: string; config: VaultChoice; clock: Clock; log: Log }): Promise<Vault> {
  const { home, config, log } = from;
  const known = await recall(home);
  const vaultId = known?.id ?? crypto.randomUUID().slice(0, 8);
  const open = (kind: VaultKind): Promise<VaultPlace> => openPlace(kind, vaultId, from);

  if (known === null) {
    const vault = config.vault === 'auto' ? await firstVault(open, from) : await open(config.vault);
    await remember(home, { kind: vault.kind, id: vaultId });
    log.info({ kind: vault.kind }, 'vault made');
    return vault;
  }

  const wanted = wantedKind(config, known.kind);
  if (wanted === known.kind) {
    const vault = await open(wanted);
    // What a move left behind that was cut short: a key beside the secrets it opens.
    if (wanted !== 'key-file') await new KeyFileVault(home).discard();
    return vault;
  }

  await using old = await open(known.kind);
  const next = await open(wanted);
  try {
    const count = await moveSecrets(old, next);
    await remember(home, { kind: wanted, id: vaultId });
    await old.discard();
    log.info({ from: known.kind, to: wanted, count }, 'secrets moved to another vault');
    return next;
  } catch (error) {
    await next[Symbol.asyncDispose]();
    throw error;
  }
}

/** Who gives a passphrase while the key lies in a file has followed the warning. */
function wantedKind({ vault, passphrase }: VaultChoice, known: VaultKind): VaultKind {
  if (vault !== 'auto') return vault;
  return known === 'key-file' && passphrase !== null ? 'sealed-file' : known;
}

async function firstVault(
  open: (kind: VaultKind) => Promise<VaultPlace>,
  { home, config, log }: { home: string; config: VaultChoice; log: Log },
): Promise<VaultPlace> {
  if (config.passphrase !== null || existsSync(sealedFile(home))) return open('sealed-file');
  try {
    return await open('keychain');
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'vault-unavailable') throw error;
    log.info({ err: error }, 'no keychain; the key goes to a file');
    return open('key-file');
  }
}

async function openPlace(
  kind: VaultKind,
  vaultId: string,
  { home, config, clock }: { home: string; config: VaultChoice; clock: Clock },
): Promise<VaultPlace> {
  switch (kind) {
    case 'keychain':
      return KeychainVault.open(vaultId, clock);
    case 'key-file':
      return KeyFileVault.open(home);
    default: {
      const vault = new SealedFile(sealedFile(home));
      if (config.passphrase !== null) await vault.unlock(config.passphrase);
      return vault;
    }
  }
}

function sealedFile(home: string): string {
  return join(home, 'vault.sealed');
}
