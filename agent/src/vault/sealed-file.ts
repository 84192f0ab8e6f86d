import { readFile, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { AppError } from '@gitprotect/shared/errors';
import { requirePrivate, writePrivate } from '../lib/private-file.ts';
import { Secret } from '../lib/secret.ts';
import { requireEntryId } from './entry-id.ts';
import type { Header, Keys, SealedEntries } from './sealed-text.ts';
import { keysFor, openEntry, passphraseHeader, readHeader, readSealed, sealEntry, writeSealed } from './sealed-text.ts';
import type { VaultPlace } from './vault.ts';

interface Unlocked {
  readonly header: Header;
  readonly keys: Keys;
  readonly entries: SealedEntries;
}

/** The shortest passphrase a new vault takes. */
const shortestPassphrase = 8;

/** One file of entries, each sealed with AES-256-GCM. The secret that opens it is a passphrase, or the text of a key file. */
export class SealedFile implements VaultPlace {
  readonly kind: VaultPlace['kind'] = 'sealed-file';
  readonly warning: string | null = null;
  protected readonly file: string;
  #unlocked: Unlocked | null = null;
  #lastChange: Promise<void> = Promise.resolve();

  constructor(file: string) {
    this.file = file;
  }

  get locked(): boolean {
    return this.#unlocked === null;
  }

  /**
   * Opens the file with its passphrase; where there is no file yet, makes one for this passphrase.
   * @throws AppError `vault-passphrase`, `vault-insecure`, `vault-damaged`; then nothing has changed
   */
  async unlock(passphrase: Secret): Promise<void> {
    const text = await this.#read();
    if (text === null) {
      requireStrong(passphrase);
      await this.create(passphraseHeader(), passphrase);
    } else {
      const opened = await this.#open(text, passphrase);
      // Of one that is open only the passphrase is checked: what came into it meanwhile is not in `text`.
      this.#unlocked ??= opened;
    }
  }

  async get(id: string): Promise<Secret | null> {
    requireEntryId(id);
    const { keys, entries } = this.#need();
    const box = entries.get(id);
    return box === undefined ? null : this.#openEntry(keys, id, box);
  }

  set(id: string, secret: Secret): Promise<void> {
    requireEntryId(id);
    return this.#change(({ header, keys, entries }) => ({ header, keys, entries: new Map(entries).set(id, sealEntry(keys, id, secret)) }));
  }

  delete(id: string): Promise<void> {
    return this.#change(({ header, keys, entries }) => ({
      header,
      keys,
      entries: new Map([...entries].filter(([other]) => other !== id)),
    }));
  }

  async ids(): Promise<readonly string[]> {
    return [...this.#need().entries.keys()];
  }

  /** Seals every entry again under a new passphrase, a new salt and new keys. */
  async changePassphrase(next: Secret): Promise<void> {
    requireStrong(next);
    const header = passphraseHeader();
    const fresh = await keysFor(header, next);
    await this.#change(({ keys, entries }) => ({
      header,
      keys: fresh,
      entries: new Map([...entries].map(([id, box]) => [id, sealEntry(fresh, id, this.#openEntry(keys, id, box))])),
    }));
  }

  async discard(): Promise<void> {
    this.#unlocked = null;
    await rm(this.file, { force: true });
  }

  /** Waits for the last change to be on disk and forgets the keys. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#lastChange;
    this.#unlocked = null;
  }

  /** Writes an empty vault and leaves it unlocked. */
  protected async create(header: Header, secret: Secret): Promise<void> {
    await requirePrivate(dirname(this.file));
    const unlocked = { header, keys: await keysFor(header, secret), entries: new Map() };
    await this.#write(unlocked);
    this.#unlocked = unlocked;
  }

  async #read(): Promise<string | null> {
    await requirePrivate(dirname(this.file));
    try {
      const text = await readFile(this.file, 'utf8');
      await requirePrivate(this.file);
      return text;
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
      throw error;
    }
  }

  async #open(text: string, secret: Secret): Promise<Unlocked> {
    const header = readHeader(text);
    if (header === null) throw this.#damaged();
    const keys = await keysFor(header, secret);
    const opened = readSealed(text, keys);
    switch (opened.outcome) {
      case 'opened':
        return { header, keys, entries: opened.entries };
      case 'wrong-key':
        throw this.wrongKey();
      default:
        throw this.#damaged();
    }
  }

  protected wrongKey(): AppError {
    return new AppError('vault-passphrase', `this passphrase does not open the vault ${this.file}`, {
      remedy: 'give the passphrase the vault was made with; nothing was changed',
    });
  }

  #damaged(cause?: unknown): AppError {
    return new AppError('vault-damaged', `the vault ${this.file} is damaged: its content is not what was written`, {
      remedy: 'put back a copy of the file, or move it away and add the credentials again; backups are not affected',
      cause,
    });
  }

  #openEntry(keys: Keys, id: string, box: string): Secret {
    try {
      return new Secret(openEntry(keys, id, box));
    } catch (error) {
      throw this.#damaged(error);
    }
  }

  #need(): Unlocked {
    if (this.#unlocked !== null) return this.#unlocked;
    throw new AppError('vault-locked', `the vault ${this.file} is locked`, {
      remedy:
        'where an agent runs: gitprotect-agent vault unlock; else give its passphrase with GITPROTECT_PASSPHRASE, --passphrase-file FILE or a systemd credential named gitprotect-passphrase',
    });
  }

  /** One change after the other; memory follows only when the disk has it. */
  #change(next: (now: Unlocked) => Unlocked): Promise<void> {
    const change = this.#apply(this.#lastChange, next);
    this.#lastChange = change.catch(() => undefined);
    return change;
  }

  async #apply(before: Promise<void>, next: (now: Unlocked) => Unlocked): Promise<void> {
    await before;
    const changed = next(this.#need());
    await this.#write(changed);
    this.#unlocked = changed;
  }

  async #write({ header, keys, entries }: Unlocked): Promise<void> {
    try {
      await writePrivate(this.file, writeSealed(header, keys, entries));
    } catch (error) {
      throw new AppError('vault-unavailable', `the vault ${this.file} cannot be written: ${error instanceof Error ? error.message : ''}`, {
        remedy: 'make room on the disk and see that the folder belongs to the user the agent runs as; the vault is as it was before',
        cause: error,
      });
    }
  }
}

function requireStrong(passphrase: Secret): void {
  if (passphrase.reveal().length >= shortestPassphrase) return;
  throw new AppError('vault-passphrase', 'the passphrase is too short for a new vault', {
    remedy: `choose one of at least ${shortestPassphrase} characters`,
  });
}
