import type { ObjectFormat } from './object-id.ts';
import { PackChecksum, readPackHeader } from './pack.ts';

/** A pack as it begins to come. */
interface Begun {
  /** At least the pack's header. */
  readonly start: Buffer;
  /** What follows. */
  readonly chunks: AsyncGenerator<Buffer, void>;
  readonly shallow: readonly string[];
}

interface PackStreamOptions {
  readonly objectFormat: ObjectFormat;
  readonly onBytes?: ((total: number) => void) | undefined;
}

/**
 * A pack on its way. Iterate it once: chunks as they come, at the reader's pace. The last chunk is followed by the checks (closing flush,
 * trailer), so whoever stores the bytes may keep them only when the iteration ended without an error. `objectCount` 0 means that the server
 * had nothing new: such a pack is not worth storing. Disposing it before the end closes the connection.
 */
export class PackStream implements AsyncIterable<Uint8Array>, AsyncDisposable {
  readonly objectCount: number;
  /** Commits where the server's own history is cut off; without them the repo cannot be cloned whole. */
  readonly shallow: readonly string[];
  readonly #options: PackStreamOptions;
  readonly #chunks: AsyncGenerator<Uint8Array, void>;
  #bytes = 0;
  #checksum: string | undefined;

  /** @throws AppError `git-corrupt-pack` when `source`, the repo's URL, sent something else than a pack */
  constructor(begun: Begun, options: PackStreamOptions, source: string) {
    this.objectCount = readPackHeader(begun.start, source);
    this.shallow = begun.shallow;
    this.#options = options;
    this.#chunks = this.#checked(begun, source);
  }

  /** Pack bytes so far. */
  get bytes(): number {
    return this.#bytes;
  }

  /** The pack's trailer in hex; undefined until the end was reached and found right. */
  get checksum(): string | undefined {
    return this.#checksum;
  }

  [Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void> {
    return this.#chunks;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // A generator that never started runs no `finally`: start it, so that its end closes what it reads from.
    if (this.#bytes === 0) await this.#chunks.next();
    await this.#chunks.return();
  }

  async *#checked({ start, chunks }: Begun, source: string): AsyncGenerator<Uint8Array, void> {
    const checksum = new PackChecksum(this.#options.objectFormat);
    const pass = (chunk: Buffer): Buffer => {
      checksum.update(chunk);
      this.#bytes += chunk.length;
      this.#options.onBytes?.(this.#bytes);
      return chunk;
    };
    try {
      yield pass(start);
      for await (const chunk of chunks) yield pass(chunk);
    } finally {
      await chunks.return().catch(() => undefined);
    }
    this.#checksum = checksum.verify(source);
  }
}
