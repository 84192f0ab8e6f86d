import { type FileHandle, open } from 'node:fs/promises';

/** A JSON array in a file, written item by item: the items of a long list are not held. */
export class JsonList {
  readonly #path: string;
  #file: FileHandle | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  async add(item: unknown): Promise<void> {
    const first = this.#file === undefined;
    this.#file ??= await open(this.#path, 'w');
    await this.#file.write(`${first ? '[\n' : ',\n'}${JSON.stringify(item)}`);
  }

  /** Nothing is written when nothing was added. */
  async finish(): Promise<void> {
    await this.#file?.write('\n]\n');
    await this.close();
  }

  async close(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    await file?.close();
  }
}
