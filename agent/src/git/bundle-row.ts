import { AppError } from '@gitprotect/shared/errors';
import { encodeBundleHeader, openBundle, type OpenBundle } from './bundle.ts';

/*
 * Bundles in a row: what compaction makes of neighbours in a chain. After a first line, each bundle as it was, behind a line with its bytes and
 * the number of objects in its pack. They are not joined to one pack, for git refuses some such packs (see `index-packs.ts`).
 */

/** A bundle about to be put into a row. */
export interface RowBundle extends OpenBundle {
  readonly packBytes: number;
  readonly packObjects: number;
}

/** A bundle of an object that holds one, or many in a row. `counts` are those of its pack, which an object with one bundle does not say. */
export interface BundleInObject extends OpenBundle {
  readonly counts: { readonly packBytes: number; readonly packObjects: number } | null;
}

const signature = Buffer.from('# gitprotect bundles\n');
const longestLine = 40;

/** Writes a row. Each pack is read when its turn comes, and has exactly the bytes that were said. */
export async function* rowStream(bundles: AsyncIterable<RowBundle>): AsyncGenerator<Uint8Array, void> {
  yield signature;
  for await (const { header, pack, packBytes, packObjects } of bundles) {
    const start = encodeBundleHeader(header);
    yield Buffer.from(`${start.length + packBytes} ${packObjects}\n`);
    yield start;
    let bytes = 0;
    for await (const piece of pack) {
      bytes += piece.length;
      yield piece;
    }
    if (bytes !== packBytes) throw new AppError('git-corrupt-pack', `a pack has ${bytes} bytes where ${packBytes} were recorded`);
  }
}

/**
 * The bundles in an object, in order. What is left unread of a pack is passed over when the next bundle is asked for. `source` names the object
 * in errors (`backup-damaged`).
 */
export async function* openBundles(object: AsyncIterable<Uint8Array>, source: string): AsyncGenerator<BundleInObject, void> {
  const bytes = new Bytes(object, source);
  try {
    if (!(await bytes.begins(signature))) {
      yield { ...(await openBundle(bytes.rest(), source)), counts: null };
      return;
    }
    for (let line = await bytes.line(); line !== undefined; line = await bytes.line()) {
      const [, size, objects] = /^([1-9]\d{0,14}) (\d{1,10})$/.exec(line) ?? [];
      if (size === undefined || objects === undefined) throw damaged(source, 'a bundle in it has no size');
      const { header, pack } = await openBundle(bytes.take(Number(size)), source);
      const packBytes = Number(size) - encodeBundleHeader(header).length;
      yield { header, pack, counts: { packBytes, packObjects: Number(objects) } };
      await bytes.passOver();
    }
  } finally {
    await bytes.close();
  }
}

/** Takes a stream apart. */
class Bytes {
  readonly #chunks: AsyncIterator<Uint8Array>;
  readonly #source: string;
  #held: Buffer = Buffer.alloc(0);
  /** Of what was last to be taken. */
  #left = 0;

  constructor(object: AsyncIterable<Uint8Array>, source: string) {
    this.#chunks = object[Symbol.asyncIterator]();
    this.#source = source;
  }

  /** Whether these are the next bytes; if so they are gone. */
  async begins(start: Buffer): Promise<boolean> {
    while (this.#held.length < start.length && (await this.#more()));
    if (!this.#held.subarray(0, start.length).equals(start)) return false;
    this.#held = this.#held.subarray(start.length);
    return true;
  }

  /** The next line; `undefined` at the end. */
  async line(): Promise<string | undefined> {
    for (let end = this.#held.indexOf(10); ; end = this.#held.indexOf(10)) {
      if (end >= 0 && end <= longestLine) {
        const text = this.#held.toString('latin1', 0, end);
        this.#held = this.#held.subarray(end + 1);
        return text;
      }
      if (end > longestLine || this.#held.length > longestLine) throw damaged(this.#source, 'a bundle in it has no size');
      if (await this.#more()) continue;
      if (this.#held.length === 0) return undefined;
      throw damaged(this.#source, 'it is cut off');
    }
  }

  /** The next bytes, that many. */
  async *take(count: number): AsyncGenerator<Uint8Array, void> {
    this.#left = count;
    while (this.#left > 0) {
      if (this.#held.length === 0 && !(await this.#more())) throw damaged(this.#source, 'it is cut off');
      const piece = this.#held.subarray(0, this.#left);
      this.#held = this.#held.subarray(piece.length);
      this.#left -= piece.length;
      if (piece.length > 0) yield piece;
    }
  }

  async passOver(): Promise<void> {
    for await (const _ of this.take(this.#left));
  }

  async *rest(): AsyncGenerator<Uint8Array, void> {
    for (;;) {
      const piece = this.#held;
      this.#held = Buffer.alloc(0);
      if (piece.length > 0) yield piece;
      if (!(await this.#more())) return;
    }
  }

  async close(): Promise<void> {
    await this.#chunks.return?.();
  }

  async #more(): Promise<boolean> {
    const next = await this.#chunks.next();
    if (next.done === true) return false;
    this.#held =
      this.#held.length === 0
        ? Buffer.from(next.value.buffer, next.value.byteOffset, next.value.length)
        : Buffer.concat([this.#held, next.value]);
    return true;
  }
}

function damaged(source: string, what: string): AppError {
  return new AppError('backup-damaged', `the bundles in ${source} are damaged: ${what}`, {
    remedy: 'verify the storage; restore from another snapshot',
  });
}
