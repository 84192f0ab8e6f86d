import { asAppError, type AppError } from '@gitprotect/shared/errors';
import type { RestoreItem } from '@gitprotect/shared/restore';

/** What a restore of one place does and did, item by item, and which rights it found missing. */
export class Ledger {
  readonly #items: RestoreItem[] = [];
  readonly #missingRights = new Set<string>();

  get items(): readonly RestoreItem[] {
    return this.#items;
  }

  get missingRights(): ReadonlySet<string> {
    return this.#missingRights;
  }

  add(kind: string, what: string, state: RestoreItem['state'], why?: string): void {
    this.#items.push({ kind, what: printable(what), state, ...(why === undefined ? {} : { why: printable(why) }) });
  }

  /** A step that failed: the rest goes on, and the server's words are kept. A right that is missing is named once more, above all. */
  failed(kind: string, what: string, caught: unknown): void {
    const error = asAppError(caught);
    if (isLackOfRight(error)) {
      this.#missingRights.add(`${what}: ${error.message}`);
      this.add(kind, what, 'cannot', error.message);
    } else this.add(kind, what, 'failed', error.message);
  }

  lacks(right: string): void {
    this.#missingRights.add(right);
  }

  /** What was restored came out otherwise. */
  differs(kind: string, what: string, why: string): void {
    const said = printable(what);
    const item = this.#items.findIndex((one) => one.kind === kind && one.state === 'restored' && one.what.split(', ').includes(said));
    const found = this.#items[item];
    if (found !== undefined) this.#items[item] = { ...found, state: 'differs', why };
    else this.add(kind, what, 'differs', why);
  }

  /** Whether something is said of a thing already that explains why it is not there as it was. */
  explains(kind: string, what: string): boolean {
    return this.#items.some(
      (one) => one.kind === kind && !['restored', 'kept', 'will'].includes(one.state) && one.what.includes(printable(what)),
    );
  }

  /** Whether it was left as the server has it, for a reason: somebody has more rights there than the snapshot says. */
  keeps(kind: string, what: string): boolean {
    return this.#items.some((one) => one.kind === kind && one.state === 'kept' && one.what === printable(what));
  }

  /** Nothing failed, and nothing differs. What only a person can do, or nobody, is no failure. */
  get clean(): boolean {
    return this.#items.every(({ state }) => state !== 'failed' && state !== 'differs') && this.#missingRights.size === 0;
  }
}

/** Names come from other people: nothing in them may move a terminal's cursor, or turn its text round. */
const printable = (text: string): string => text.replaceAll(/[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069]+/gu, ' ');

export function isLackOfRight({ code }: AppError): boolean {
  return code === 'token-no-read' || code === 'token-no-write';
}
