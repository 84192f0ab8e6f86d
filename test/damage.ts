import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AppError } from '@gitprotect/shared/errors';
import type { StorageProblem } from '@gitprotect/shared/proof';
import { kindOf, storageFile } from '@gitprotect/agent/storage/layout';
import { sql } from 'kysely';
import { everyKind, type EveryKind, kindWord } from './every-kind.ts';
import { objectsIn } from './objects-in.ts';
import type { Dice } from './soak/dice.ts';

const flipped = (bytes: Buffer, at: number, bit: number): Buffer => {
  const changed = Buffer.from(bytes);
  changed.writeUInt8(changed.readUInt8(at) ^ (1 << bit), at);
  return changed;
};

/** Ways in which one object of a storage is not as it was written. `others`: what could stand in its place. */
export const damages: Readonly<Record<string, (bytes: Buffer, dice: Dice, others: readonly Buffer[]) => Buffer | null>> = {
  'flipped at its start': (bytes, dice) => flipped(bytes, 0, dice(8)),
  'flipped at its end': (bytes, dice) => flipped(bytes, bytes.length - 1, dice(8)),
  'flipped somewhere': (bytes, dice) => flipped(bytes, dice(bytes.length), dice(8)),
  'flipped elsewhere': (bytes, dice) => flipped(bytes, dice(bytes.length), dice(8)),
  'cut to nothing': () => Buffer.alloc(0),
  'cut in half': (bytes) => bytes.subarray(0, Math.floor(bytes.length / 2)),
  'cut by a byte': (bytes) => bytes.subarray(0, bytes.length - 1),
  missing: () => null,
  'swapped for another of its kind': (bytes, dice, others) => others[dice(others.length)] ?? bytes.subarray(1),
  // Of objects that come one after the other: the one that was written before.
  'set back to the one before': (_, __, others) => others[0] ?? Buffer.from('nothing of ours'),
};

/** What became of one object that was damaged in one way. */
export interface Tried {
  readonly object: string;
  readonly kind: string;
  readonly how: string;
  /** What is not as it should be, in words; none where all was well. */
  readonly wrong: readonly string[];
  /** Whether a second verification found nothing, with nothing put back; `null` where that was not tried. */
  readonly healed: boolean | null;
}

type Tables = ReadonlyMap<string, readonly Record<string, unknown>[]>;

/** A storage with every kind of object, of which one is damaged at a time, and which is as before after each. */
export class Damage implements AsyncDisposable {
  readonly every: EveryKind;
  /** Name -> bytes. */
  readonly objects: ReadonlyMap<string, Buffer>;
  readonly #folder: string;
  readonly #tables: Tables;

  private constructor(every: EveryKind, tables: Tables) {
    this.every = every;
    this.#folder = every.stage.world.storageFolder;
    this.#tables = tables;
    this.objects = new Map(objectsIn(this.#folder).map((name) => [name, readFileSync(join(this.#folder, name))]));
  }

  static async start(): Promise<Damage> {
    const every = await everyKind();
    return new Damage(every, await tablesOf(every));
  }

  /** Damages an object, looks what a verification says, with a drill of every repo where wanted, and puts all back. `heal`: also lets the agent put it right. */
  async try(
    object: string,
    how: string,
    { dice, drill, heal }: { readonly dice: Dice; readonly drill: boolean; readonly heal: boolean },
  ): Promise<Tried> {
    const bytes = this.objects.get(object) ?? Buffer.alloc(0);
    const damaged = damages[how]?.(bytes, dice, this.#like(object, bytes)) ?? null;
    const file = join(this.#folder, object);
    if (damaged === null) rmSync(file);
    else writeFileSync(file, damaged);
    try {
      const wrong = await this.#said(object, drill);
      const healed = heal && object !== storageFile ? await this.#heal(object, { wrong, drill }) : null;
      return { object, kind: kindWord(object), how, wrong, healed };
    } finally {
      await this.#putBack();
    }
  }

  /** Of the same kind, those from before first, the nearest of them first of all. */
  #like(object: string, bytes: Buffer): Buffer[] {
    const same = [...this.objects].filter(([name, other]) => kindWord(name) === kindWord(object) && !other.equals(bytes));
    const before = same.filter(([name]) => name < object).toReversed();
    return [...before, ...same.filter(([name]) => name > object)].map(([, other]) => other);
  }

  async #said(object: string, drill: boolean): Promise<string[]> {
    let problems: readonly StorageProblem[];
    try {
      ({ problems } = await this.every.stage.world.call('backup.verify', { drill }));
    } catch (error) {
      // Without its own file the storage does not even open, and says so.
      const isSaid = error instanceof AppError && error.code.startsWith('storage-') && error.remedy !== undefined;
      if (isSaid && object === storageFile) return [];
      throw error;
    }
    const named = new Set(problems.map((one) => one.object));
    return [
      ...(named.has(object) ? [] : ['it is not named']),
      ...problems.flatMap((one) => this.#beside(object, one)),
      ...problems.filter((one) => one.object !== null && one.remedy === null).map(({ message }) => `no remedy: ${message}`),
    ];
  }

  /** What a problem says that is not this object’s: another object, or a snapshot that does not need it. */
  #beside(object: string, { object: other, slug, message }: StorageProblem): string[] {
    if (other === object) return message.includes(object) ? [] : [`does not name it: ${message}`];
    const needing = this.#slugsNeeding(object);
    return other === null && slug !== null && needing.includes(slug) ? [] : [`beside it: ${other ?? slug}: ${message}`];
  }

  /** The repos whose snapshots may rest on an object. */
  #slugsNeeding(object: string): string[] {
    const { parent, fork, stage } = this.every;
    const kind = kindOf(object);
    if (kind.kind === 'lfs') return [stage.repo.slug];
    if (!('repoId' in kind) || ['hold', 'lean'].includes(kind.kind)) return [];
    if (kind.repoId === parent.id) return [parent.slug, fork.slug];
    return [kind.repoId === fork.id ? fork.slug : stage.repo.slug];
  }

  /** The next run and all upkeep: then every newest snapshot is whole, and nothing is wrong but older ones that need the object. */
  async #heal(object: string, { wrong, drill }: { readonly wrong: string[]; readonly drill: boolean }): Promise<boolean> {
    const { stage, plan } = this.every;
    const { world } = stage;
    world.clock.move(60_000);
    const run = await world.run(plan);
    if (run.state !== 'succeeded') wrong.push(`the next run is ${run.state}`);
    await world.app.upkeep.run();
    const { problems } = await world.call('backup.verify', { drill });
    for (const one of problems) wrong.push(...this.#beside(object, one).map((words) => `after the next run ${words}`));
    const { proof } = await world.call('agent.status', {});
    if (proof.proven !== proof.repos) wrong.push(`after the next run the newest snapshot of ${proof.failed.join(', ')} is not whole`);
    return problems.length === 0;
  }

  async #putBack(): Promise<void> {
    for (const left of objectsIn(this.#folder).filter((one) => !this.objects.has(one))) rmSync(join(this.#folder, left));
    for (const [name, content] of this.objects) writeFileSync(join(this.#folder, name), content);
    const { db } = this.every.stage.world.app;
    await db.transaction().execute(async (transaction) => {
      await sql`pragma defer_foreign_keys = on`.execute(transaction);
      for (const table of this.#tables.keys()) await sql`delete from ${sql.table(table)}`.execute(transaction);
      for (const [table, rows] of this.#tables)
        for (const row of rows) {
          const columns = sql.join(Object.keys(row).map((column) => sql.ref(column)));
          await sql`insert into ${sql.table(table)} (${columns}) values (${sql.join(Object.values(row))})`.execute(transaction);
        }
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.every.stage[Symbol.asyncDispose]();
  }
}

async function tablesOf({ stage }: EveryKind): Promise<Tables> {
  const { db } = stage.world.app;
  const names = await sql<{ name: string }>`select name from sqlite_master where type = 'table' and name not like 'sqlite_%'`.execute(db);
  const tables = new Map<string, Record<string, unknown>[]>();
  for (const { name } of names.rows)
    tables.set(name, (await sql<Record<string, unknown>>`select * from ${sql.table(name)}`.execute(db)).rows);
  return tables;
}
