import type { ChildProcess } from 'node:child_process';
import { fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { AppError } from '@gitprotect/shared/errors';
import type { Clock } from '../lib/clock.ts';
import { Secret } from '../lib/secret.ts';
import { requireEntryId } from './entry-id.ts';
import type { VaultPlace } from './vault.ts';

/** What goes to the keychain's process, over a pipe that only the two of them hold. */
export interface KeychainCall {
  readonly number: number;
  readonly service: string;
  readonly account: string;
  readonly call: 'get' | 'set' | 'delete' | 'list';
  readonly secret: string;
}

export type KeychainResult = string | null | readonly string[];

/** What comes back. Number 0 says: ready. */
export interface KeychainAnswer {
  readonly number: number;
  readonly result?: KeychainResult;
  readonly error?: string;
}

/** How long the process may take to start on a busy machine, and the keychain to answer one call. */
const startLimit = 15_000;
const answerLimit = 3_000;

interface Running {
  readonly child: ChildProcess;
  readonly waiting: Map<number, PromiseWithResolvers<KeychainAnswer>>;
}

/** The keychain of the operating system: Secret Service, macOS Keychain, Windows Credential Manager. One service name for each vault. */
export class KeychainVault implements VaultPlace {
  readonly kind = 'keychain';
  readonly warning = null;
  readonly locked = false;
  readonly #service: string;
  readonly #clock: Clock;
  #running: Promise<Running> | null = null;
  #child: ChildProcess | null = null;
  #lastNumber = 0;

  private constructor(service: string, clock: Clock) {
    this.#service = service;
    this.#clock = clock;
  }

  /**
   * Opens the entries of one vault, after a probe that writes, reads and deletes a dummy.
   * @throws AppError `vault-unavailable` when the keychain is missing, locked, or silent for 3 seconds
   */
  static async open(vaultId: string, clock: Clock): Promise<KeychainVault> {
    const vault = new KeychainVault(`GitProtect ${vaultId}`, clock);
    try {
      await vault.#probe();
      return vault;
    } catch (error) {
      await vault[Symbol.asyncDispose]();
      throw error;
    }
  }

  async get(id: string): Promise<Secret | null> {
    requireEntryId(id);
    let text = await this.#call('get', id);
    if (text === null) {
      // A locked Secret Service says "not there". Only when a probe passes is that an answer.
      await this.#probe();
      text = await this.#call('get', id);
    }
    return typeof text === 'string' ? new Secret(text) : null;
  }

  async set(id: string, secret: Secret): Promise<void> {
    requireEntryId(id);
    await this.#call('set', id, secret);
  }

  async delete(id: string): Promise<void> {
    requireEntryId(id);
    await this.#probe();
    await this.#call('delete', id);
  }

  async ids(): Promise<readonly string[]> {
    await this.#probe();
    const found = await this.#call('list', '');
    return Array.isArray(found) ? found.filter((id: string) => !id.startsWith('probe-')) : [];
  }

  async unlock(): Promise<void> {
    await this.#probe();
  }

  async discard(): Promise<void> {
    for (const id of await this.ids()) await this.delete(id);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child?.kill('SIGKILL');
  }

  async #probe(): Promise<void> {
    const account = `probe-${randomUUID()}`;
    const dummy = new Secret(randomUUID());
    await this.#call('set', account, dummy);
    const read = await this.#call('get', account);
    await this.#call('delete', account);
    if (read !== dummy.reveal()) throw unavailable('it does not give back what was written');
  }

  async #call(call: KeychainCall['call'], account: string, secret = new Secret('')): Promise<KeychainResult> {
    const { child, waiting } = await (this.#running ??= this.#start());
    const number = ++this.#lastNumber;
    const answered = Promise.withResolvers<KeychainAnswer>();
    waiting.set(number, answered);
    child.send({ number, service: this.#service, account, call, secret: secret.reveal() } satisfies KeychainCall);
    const { result, error } = await this.#within(answerLimit, answered.promise, child);
    if (error !== undefined) throw unavailable(error);
    return result ?? null;
  }

  async #start(): Promise<Running> {
    const child = fork(fileURLToPath(new URL('keychain-process.ts', import.meta.url)), {
      execArgv: [],
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    this.#child = child;
    const ready = Promise.withResolvers<KeychainAnswer>();
    const waiting: Running['waiting'] = new Map([[0, ready]]);
    child.on('message', (answer: KeychainAnswer) => {
      waiting.get(answer.number)?.resolve(answer);
      waiting.delete(answer.number);
    });
    const ended = (): void => {
      if (this.#child === child) this.#running = null;
      for (const { reject } of waiting.values()) reject(unavailable('it stopped'));
      waiting.clear();
    };
    child.on('exit', ended);
    child.on('error', ended);
    // An idle keychain keeps nobody from ending.
    child.unref();
    child.channel?.unref();
    await this.#within(startLimit, ready.promise, child);
    return { child, waiting };
  }

  /** What `work` gives, or an error after `limit` milliseconds; then the process is ended: there is no other way to stop a call. */
  async #within<T>(limit: number, work: Promise<T>, child: ChildProcess): Promise<T> {
    const done = new AbortController();
    const silent = this.#clock.sleep(limit, done.signal).then(
      () => {
        this.#running = null;
        child.kill('SIGKILL');
        throw unavailable(`it did not answer within ${limit / 1000} seconds`);
      },
      () => work,
    );
    try {
      return await Promise.race([work, silent]);
    } finally {
      done.abort();
      silent.catch(() => undefined);
    }
  }
}

function unavailable(why: string): AppError {
  return new AppError('vault-unavailable', `the keychain of this system cannot be used: ${why}`, {
    remedy:
      'unlock the keychain and see that the agent runs in your session (on Linux: a Secret Service such as gnome-keyring on the session D-Bus), then try again',
  });
}
