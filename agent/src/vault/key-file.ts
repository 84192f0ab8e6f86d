import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { AppError } from '@gitprotect/shared/errors';
import { requirePrivate, writePrivate } from '../lib/private-file.ts';
import { Secret } from '../lib/secret.ts';
import { SealedFile } from './sealed-file.ts';

/** A sealed file whose key is a random file beside it: it works without asking anybody, and protects accordingly. */
export class KeyFileVault extends SealedFile {
  override readonly kind = 'key-file';
  override readonly warning =
    'the key lies beside the secrets: anyone who can read GITPROTECT_HOME can read them. ' +
    'For production give a passphrase (--passphrase-file or a systemd credential) or set "vault": "keychain" in config.json, and restart: the secrets are moved.';
  readonly #keyFile: string;

  /** The vault of `home`, not opened. */
  constructor(home: string) {
    super(join(home, 'vault-key-file.sealed'));
    this.#keyFile = join(home, 'vault.key');
  }

  /** Opens the vault in `home`, or makes it and its key. */
  static async open(home: string): Promise<KeyFileVault> {
    const vault = new KeyFileVault(home);
    if (existsSync(vault.file)) await vault.unlock(await vault.#key());
    else await vault.#make();
    return vault;
  }

  override async discard(): Promise<void> {
    await super.discard();
    await rm(this.#keyFile, { force: true });
  }

  protected override wrongKey(): AppError {
    return new AppError('vault-damaged', `the key in ${this.#keyFile} does not open the vault ${this.file}`, {
      remedy: 'put back a copy of both files, or move both away and add the credentials again; backups are not affected',
    });
  }

  async #make(): Promise<void> {
    await requirePrivate(dirname(this.#keyFile));
    const key = randomBytes(32).toString('base64');
    await writePrivate(this.#keyFile, `${key}\n`);
    await this.create({ key: 'key-file' }, new Secret(key));
  }

  async #key(): Promise<Secret> {
    try {
      await requirePrivate(this.#keyFile);
      return new Secret((await readFile(this.#keyFile, 'utf8')).trimEnd());
    } catch (error) {
      if (error instanceof AppError) throw error;
      throw new AppError('vault-unavailable', `the key of the vault, ${this.#keyFile}, cannot be read`, {
        remedy: 'put the file back; without it the secrets are lost: then move the vault file away and add the credentials again',
        cause: error,
      });
    }
  }
}
