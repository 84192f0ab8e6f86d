import { randomUUID } from 'node:crypto';
import { AppError } from '@gitprotect/shared/errors';
import { fromBase64Url, toBase64Url } from '@gitprotect/shared/base64url';
import { importKey, pairingKeyBytes, type WebKey } from '@gitprotect/shared/handshake';
import { formatPairingCode } from '@gitprotect/shared/pairing-code';
import type { Pairing } from '@gitprotect/shared/status';
import type { Database } from '../db/database.ts';
import type { Clock } from '../lib/clock.ts';
import { Secret } from '../lib/secret.ts';
import { PairingWindow } from './pairing-window.ts';

/** Where the pairing keys rest: the vault. */
export interface KeyStore {
  get(id: string): Promise<Secret | null>;
  set(id: string, secret: Secret): Promise<void>;
  delete(id: string): Promise<void>;
}

/** The browsers that may connect: their names and exact origins in the database, their keys in the vault. */
export class Pairings {
  readonly window: PairingWindow;
  readonly #db: Database;
  readonly #keys: KeyStore;
  readonly #clock: Clock;
  readonly #origins: Map<string, string>;
  readonly #removed = new Map<string, AbortController>();

  private constructor(from: { db: Database; keys: KeyStore; clock: Clock }, origins: Map<string, string>) {
    this.#db = from.db;
    this.#keys = from.keys;
    this.#clock = from.clock;
    this.#origins = origins;
    this.window = new PairingWindow(from.clock);
  }

  static async load(from: { db: Database; keys: KeyStore; clock: Clock }): Promise<Pairings> {
    const rows = await from.db.selectFrom('pairings').select(['id', 'origin']).execute();
    return new Pairings(from, new Map(rows.map(({ id, origin }) => [id, origin])));
  }

  /** Origins the gate lets in. */
  get origins(): ReadonlySet<string> {
    return new Set(this.#origins.values());
  }

  /** Lets one new browser pair within five minutes; returns the code to show, once. */
  async open(port: number): Promise<{ code: string; expiresAt: string }> {
    const { secret, until } = await this.window.open();
    return { code: formatPairingCode({ port, secret }), expiresAt: new Date(until).toISOString() };
  }

  async list(): Promise<Pairing[]> {
    const rows = await this.#db.selectFrom('pairings').selectAll().orderBy('created_at').execute();
    return rows.map((row) => ({
      id: row.id,
      name: row.name,
      kind: row.kind,
      origin: row.origin,
      createdAt: row.created_at,
      lastSeenAt: row.last_seen_at,
    }));
  }

  /**
   * The key of a browser that comes from the origin it paired from, or `null`.
   * @throws AppError `vault-…` when the vault cannot be asked
   */
  async key(id: string, origin: string): Promise<WebKey | null> {
    if (this.#origins.get(id) !== origin) return null;
    const secret = await this.#keys.get(entry(id));
    const bytes = secret === null ? null : fromBase64Url(secret.reveal());
    return bytes?.length === pairingKeyBytes ? importKey(bytes) : null;
  }

  /** Keeps a new browser and its key; returns its id. */
  async add({ name, origin, key }: { name: string; origin: string; key: Uint8Array }): Promise<string> {
    const id = randomUUID();
    await this.#keys.set(entry(id), new Secret(toBase64Url(key)));
    await this.#db
      .insertInto('pairings')
      .values({ id, name, kind: 'extension', origin, created_at: this.#time(), last_seen_at: null })
      .execute();
    this.#origins.set(id, origin);
    return id;
  }

  /**
   * Forgets a browser and ends its connections.
   * @throws AppError `not-found`
   */
  async remove(id: string): Promise<void> {
    const { numDeletedRows } = await this.#db.deleteFrom('pairings').where('id', '=', id).executeTakeFirst();
    if (numDeletedRows === 0n) throw new AppError('not-found', `there is no pairing ${id}`, { remedy: 'list them to see their ids' });
    this.#origins.delete(id);
    this.#removed.get(id)?.abort();
    this.#removed.delete(id);
    await this.#keys.delete(entry(id));
  }

  async seen(id: string): Promise<void> {
    await this.#db.updateTable('pairings').set({ last_seen_at: this.#time() }).where('id', '=', id).execute();
  }

  /** Aborts when the pairing is removed. */
  lifetime(id: string): AbortSignal {
    if (!this.#origins.has(id)) return AbortSignal.abort();
    const controller = this.#removed.get(id) ?? new AbortController();
    this.#removed.set(id, controller);
    return controller.signal;
  }

  #time(): string {
    return new Date(this.#clock.now()).toISOString();
  }
}

/** The vault entry that holds a pairing's key. */
const entry = (id: string): string => `pairing:${id}`;
