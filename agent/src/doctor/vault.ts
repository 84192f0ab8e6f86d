import type { Finding } from '@gitprotect/shared/finding';
import type { Vault } from '../vault/vault.ts';
import { failed, ok, problem, warning } from './finding.ts';

/** A credential, and where its secret should be. */
export interface Held {
  readonly id: string;
  readonly name: string;
  readonly secretId: string;
}

/** How the vault is, and whether it holds what the database says it does. */
export async function examineVault(vault: Vault, credentials: readonly Held[], recoveryKeyCount: number): Promise<Finding[]> {
  const { kind } = vault;
  if (vault.locked) {
    return [
      problem(
        'vault',
        `the vault (${kind}) is locked: no backup runs`,
        'gitprotect-agent vault unlock, or give the passphrase with GITPROTECT_PASSPHRASE or --passphrase-file',
      ),
    ];
  }
  try {
    const held = new Set(await vault.ids());
    const state = vault.warning === null ? ok('vault', `${kind}, open`) : warning('vault', `${kind}: ${vault.warning}`, null);
    const none = recoveryKeyCount === 0 ? [noRecoveryKey] : [];
    return [state, ...none, ...credentials.filter(({ secretId }) => !held.has(secretId)).map(lost)];
  } catch (error) {
    return [failed('vault', error)];
  }
}

const noRecoveryKey = warning(
  'vault',
  'there is no recovery key: if this machine is lost, nothing opens the backups',
  'gitprotect-agent recovery-key, and put it on paper',
);

const lost = ({ id, name }: Held): Finding =>
  problem(
    'vault',
    `the vault holds no secret for the credential “${name}” (${id})`,
    `add the token again, or remove the credential: gitprotect-agent credential remove ${id}`,
  );
