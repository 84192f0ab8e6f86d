import { AppError } from '@gitprotect/shared/errors';
import { wordsOfKind, type MetadataKind } from '@gitprotect/shared/metadata';
import { levelOf, pairItems, type ComparableWriter, type Item, type Level } from './item.ts';
import type { KindWriter, PlannedChange, WriteContext } from './kind-writer.ts';

/** What the target can take of a thing: with its own users and keys for those of the backup. */
export interface Fitted<C> {
  /** `null`: nothing of it can be brought back, `why` says so. */
  readonly content: C | null;
  readonly why?: string | undefined;
  /** What it loses on the way, and what remains to be done by a person. */
  readonly notes?: readonly PlannedChange[] | undefined;
}

interface Kind<C> {
  readonly kind: MetadataKind;
  readonly operations: KindWriter['operations'];
  /** A value as comparable things: a record's, or what the target has. */
  items(value: unknown, level: Level): readonly Item<C>[];
  /** What the target has, as a reader would store it; of what was not asked for (`wanted`) it may lack. */
  read(context: WriteContext, wanted: readonly Item<C>[]): Promise<unknown>;
}

export interface ListKind<C> extends Kind<C> {
  /** `present` is what `read` gave; `undefined` while the place is not there. */
  fit?(item: Item<C>, content: C, context: WriteContext, present: unknown): Promise<Fitted<C>>;
  /** A reason to leave what the target has under the same key as it is. */
  leave?(wanted: Item<C>, present: Item<C>): { readonly state: 'kept' | 'to-do'; readonly why: string } | null;
  create(content: C, context: WriteContext): Promise<void>;
  /** Where it is absent, what differs is created: the server replaces by key, or holds both. */
  change?(content: C, id: number, context: WriteContext): Promise<void>;
}

export interface FieldsKind extends Kind<unknown> {
  /** A reason why the target takes none of it; `present` is what it has. */
  refuse?(present: unknown, context: WriteContext): string | null;
  /** One change for all that differs. `wanted` and `present` are the values whole. */
  write(changed: readonly Item[], context: WriteContext, values: { readonly wanted: unknown; readonly present: unknown }): Promise<void>;
}

const incompleteRecord = 'the backup’s record of it is incomplete';
const same = 'the server has it already';

const cannot = (what: string, why: string): PlannedChange => ({ state: 'cannot', what, why });

/** A writer for a list of things, each put back by itself. */
export function listWriter<C>(of: ListKind<C>): ComparableWriter {
  const plan = async (value: unknown, context: WriteContext): Promise<PlannedChange[]> => {
    const wanted = of.items(value, levelOf(context.scope));
    if (wanted.length === 0) return [];
    const whole = wanted.filter(({ content }) => content !== null);
    const target = whole.length === 0 ? { value: undefined } : await presentOn(of, context, whole);
    if ('why' in target) return wanted.map(({ what }) => cannot(what, target.why));
    const fitted: (Item<C> & { readonly content: C })[] = [];
    const others: PlannedChange[] = [];
    for (const item of wanted) {
      if (item.content === null) {
        others.push(cannot(item.what, incompleteRecord));
        continue;
      }
      const {
        content,
        why = incompleteRecord,
        notes = [],
      } = (await of.fit?.(item, item.content, context, target.value)) ?? { content: item.content };
      if (content === null) others.push(cannot(item.what, why));
      else fitted.push({ ...item, content });
      others.push(...notes);
    }
    const present = target.value === undefined ? [] : of.items(target.value, levelOf(context.scope));
    const { pairs } = pairItems(fitted, present);
    return [...pairs.map((pair) => changeFor(of, pair.wanted, pair, context)), ...others];
  };
  return { kind: of.kind, needs: 'admin', operations: of.operations, list: true, items: (value, level) => of.items(value, level), plan };
}

function changeFor<C>(
  of: ListKind<C>,
  wanted: Item<C> & { readonly content: C },
  { present, same: equal }: { readonly present: Item<C> | null; readonly same: boolean },
  context: WriteContext,
): PlannedChange {
  const { what, content } = wanted;
  if (equal) return { state: 'kept', what, why: same };
  const leave = present === null ? null : (of.leave?.(wanted, present) ?? null);
  if (leave !== null) return { what, ...leave };
  const id = present?.id;
  const apply = async (): Promise<void> => {
    if (of.change !== undefined && id !== undefined) await of.change(content, id, context);
    else await of.create(content, context);
  };
  return { state: 'will', what, apply };
}

/** A writer for one object: its fields are compared one by one, and sent together. */
export function fieldsWriter(of: FieldsKind): ComparableWriter {
  const plan = async (value: unknown, context: WriteContext): Promise<PlannedChange[]> => {
    const level = levelOf(context.scope);
    const items = of.items(value, level);
    const wanted = items.filter(({ content }) => content !== null);
    const broken = items.filter(({ content }) => content === null).map(({ what }) => cannot(what, incompleteRecord));
    if (wanted.length === 0) return broken;
    const target = await presentOn(of, context, wanted);
    if ('why' in target) return [...wanted.map(({ what }) => cannot(what, target.why)), ...broken];
    const { pairs } = pairItems(wanted, target.value === undefined ? [] : of.items(target.value, level));
    const kept = pairs.filter((pair) => pair.same).map(({ wanted: { what } }): PlannedChange => ({ state: 'kept', what, why: same }));
    const changed = pairs.filter((pair) => !pair.same).map((pair) => pair.wanted);
    const refusal = of.refuse?.(target.value, context) ?? null;
    if (changed.length === 0) return [...kept, ...broken];
    if (refusal !== null) return [...changed.map(({ what }) => cannot(what, refusal)), ...kept, ...broken];
    const what = changed.map((item) => item.what).join(', ');
    const values = { wanted: value, present: target.value };
    return [{ state: 'will', what, apply: () => of.write(changed, context, values) }, ...kept, ...broken];
  };
  return { kind: of.kind, needs: 'admin', operations: of.operations, list: false, items: (value, level) => of.items(value, level), plan };
}

/** What the target has. One that is not there yet has nothing, so that a plan can be made before it is. */
async function presentOn<C>(
  of: Kind<C>,
  context: WriteContext,
  wanted: readonly Item<C>[],
): Promise<{ readonly value: unknown } | { readonly why: string }> {
  try {
    return { value: await of.read(context, wanted) };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    if (error.code === 'repo-not-found' || error.code === 'project-not-found') return { value: undefined };
    if (error.code === 'not-found') return { why: `the server knows nothing of ${wordsOfKind(of.kind)}: it may be older` };
    throw error;
  }
}

/** A writer for what the API takes from nobody, or from nobody who restores: everything is named with the reason. */
export function neverWriter(kind: MetadataKind, why: string, whatOf: (value: unknown, level: Level) => readonly string[]): KindWriter {
  return {
    kind,
    needs: 'admin',
    operations: {},
    plan: async (value, { scope }) => whatOf(value, levelOf(scope)).map((what) => cannot(what, why)),
  };
}
