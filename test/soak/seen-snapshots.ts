import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodeManifest } from '@gitprotect/agent/catalogue/manifest';
import { openAge } from '@gitprotect/agent/storage/age';
import { bytesOf, streamOf } from '@gitprotect/agent/storage/bytes';
import { kindOf } from '@gitprotect/agent/storage/layout';
import type { Keys } from '@gitprotect/agent/storage/sealed';

interface Seen {
  readonly repo: string;
  readonly sha256: string;
  /** Milliseconds since 1970. */
  readonly takenAt: number;
}

/**
 * Every snapshot that a storage's folder was ever seen to have, by the name of its manifest. One may be gone only where the rule lets it go: when so many newer ones
 * of its repo have been there for the whole time of grace.
 */
export class SeenSnapshots {
  readonly #folder: string;
  readonly #kept: number;
  readonly #grace: number;
  #seen = new Map<string, Seen>();

  /** @param kept how many of the last the rule keeps @param grace milliseconds from when it lets one go until it is gone */
  constructor(folder: string, { kept, grace }: { readonly kept: number; readonly grace: number }) {
    this.#folder = folder;
    this.#kept = kept;
    this.#grace = grace;
  }

  /** How many there were in all. */
  get count(): number {
    return this.#seen.size;
  }

  /** Whether one was ever there in whose manifest's name this occurs. */
  has(part: string): boolean {
    return [...this.#seen.keys()].some((name) => name.includes(part));
  }

  /** Looks at what is there now. @returns what is lost, or not what it was */
  async look(keys: Keys, now: number): Promise<string[]> {
    const broken: string[] = [];
    const there = manifestsIn(this.#folder);
    for (const name of there) {
      const sealed = this.#read(name);
      // Pruned since it was listed.
      if (sealed === undefined) continue;
      const sha256 = createHash('sha256').update(sealed).digest('hex');
      const known = this.#seen.get(name);
      if (known === undefined) this.#seen.set(name, { repo: repoOf(name), sha256, takenAt: await takenAt(sealed, keys, name) });
      else if (known.sha256 !== sha256) broken.push(`${name} in ${this.#folder} is another one now`);
    }
    for (const name of this.#seen.keys())
      if (!there.has(name) && !this.#mayBeGone(name, now)) broken.push(`${name} is lost from ${this.#folder}`);
    return broken;
  }

  /** Keeps what was seen up to now. @returns what forgets all that is seen later */
  checkpoint(): () => void {
    const seen = new Map(this.#seen);
    return () => {
      this.#seen = new Map(seen);
    };
  }

  #mayBeGone(name: string, now: number): boolean {
    const its = this.#seen.get(name);
    if (its === undefined) return false;
    // As the rule has it: by when they were taken, which is not in the order of their numbers where agents' clocks differ.
    const isNewer = ([other, one]: [string, Seen]): boolean =>
      one.repo === its.repo && (one.takenAt > its.takenAt || (one.takenAt === its.takenAt && other > name));
    const newer = [...this.#seen].filter((one) => isNewer(one) && now - one[1].takenAt >= this.#grace);
    return newer.length >= this.#kept;
  }

  #read(name: string): Buffer | undefined {
    try {
      return readFileSync(join(this.#folder, name));
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
      throw error;
    }
  }
}

/** Names of the manifests in a storage's folder: the snapshots there are. */
export function manifestsIn(folder: string): ReadonlySet<string> {
  const names = readdirSync(folder, { recursive: true }).map(String);
  return new Set(names.filter((name) => kindOf(name).kind === 'manifest'));
}

/** A manifest's name but for its number. */
const repoOf = (name: string): string => name.slice(0, name.lastIndexOf('/'));

async function takenAt(sealed: Buffer, { identity }: Keys, name: string): Promise<number> {
  const manifest = await decodeManifest(await bytesOf(openAge(streamOf(sealed), identity, name), 1e9, name), name);
  return Date.parse(manifest.takenAt);
}
