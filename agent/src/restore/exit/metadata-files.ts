import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { lfsObjects } from '../../catalogue/metadata-record.ts';
import { safeName } from '../archive/safe-name.ts';
import { JsonList } from './json-list.ts';

/** Metadata as JSON by kind: a file each, a folder for a kind of many records. Values are what the server sent. */
export class MetadataFiles {
  readonly #dir: string;
  readonly #large: JsonList;

  constructor(dir: string) {
    this.#dir = dir;
    this.#large = new JsonList(join(dir, `${lfsObjects}.json`));
  }

  async add(kind: string, key: string, value: unknown): Promise<void> {
    if (kind === lfsObjects) {
      await this.#large.add({ oid: key, ...(typeof value === 'object' ? value : {}) });
      return;
    }
    const name = safeName(kind);
    if (key === '-') {
      await writeJson(join(this.#dir, `${name}.json`), value);
      return;
    }
    await mkdir(join(this.#dir, name), { recursive: true });
    await writeJson(join(this.#dir, name, `${safeName(key)}.json`), value);
  }

  /** A list of what a kind's folder holds. */
  async list(kind: string, items: readonly unknown[]): Promise<void> {
    await mkdir(join(this.#dir, kind), { recursive: true });
    await writeJson(join(this.#dir, kind, 'index.json'), items);
  }

  finish(): Promise<void> {
    return this.#large.finish();
  }

  close(): Promise<void> {
    return this.#large.close();
  }
}

/** Writes a value as people read JSON. */
export function writeJson(file: string, value: unknown): Promise<void> {
  return writeFile(file, `${JSON.stringify(value, null, 2)}\n`);
}
