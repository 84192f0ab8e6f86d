import { asAppError } from '@gitprotect/shared/errors';
import type { MetadataKind } from '@gitprotect/shared/metadata';
import { wordsOfKind } from '@gitprotect/shared/metadata';
import { readers } from '../../bitbucket/metadata/all-readers.ts';
import { levelOf } from '../../bitbucket/metadata/item.ts';
import type { KindWriter, WriteContext } from '../../bitbucket/metadata/kind-writer.ts';
import { compareKind } from './compare.ts';
import { isLackOfRight, type Ledger } from './ledger.ts';

/** Settings by kind, as a snapshot holds them. */
export type Settings = ReadonlyMap<string, unknown>;

export interface Doing {
  /** Only says what would be done. */
  readonly dryRun: boolean;
  /** Told before each change. */
  readonly onStep: (what: string) => void;
}

/** Puts settings back with the writer of each kind, in their order: planned when those before have been made. What fails is written down. */
export async function restoreSettings(
  writers: readonly KindWriter[],
  settings: Settings,
  context: WriteContext,
  { ledger, dryRun, onStep }: Doing & { readonly ledger: Ledger },
): Promise<void> {
  const level = levelOf(context.scope);
  for (const writer of writers) {
    const { kind, operations } = writer;
    if (!settings.has(kind) || (operations[level] === undefined && Object.keys(operations).length > 0)) continue;
    try {
      for (const change of await writer.plan(settings.get(kind), context)) {
        context.signal.throwIfAborted();
        if (change.state !== 'will') ledger.add(kind, change.what, change.state, change.why);
        else if (dryRun) ledger.add(kind, change.what, 'will');
        else {
          onStep(change.what);
          await change.apply().then(
            () => ledger.add(kind, change.what, 'restored'),
            (error: unknown) => {
              context.signal.throwIfAborted();
              ledger.failed(kind, change.what, error);
            },
          );
        }
      }
    } catch (error) {
      context.signal.throwIfAborted();
      ledger.failed(kind, wordsOfKind(kind), error);
    }
  }
}

/** Reads the same kinds back from the server, and writes down in what they are not as the snapshot says. */
export async function compareSettings(settings: Settings, context: WriteContext, ledger: Ledger): Promise<void> {
  const { scope, target, signal } = context;
  const level = levelOf(scope);
  for (const reader of readers) {
    const { kind } = reader;
    if (!settings.has(kind) || reader.operations[level] === undefined) continue;
    try {
      for await (const record of reader.read(target, scope, { signal, stampOf: () => undefined, now: 0 })) {
        if (!('value' in record)) continue;
        for (const { what, difference } of compareKind(kind, settings.get(kind), record.value, level)) note(kind, what, difference, ledger);
      }
    } catch (caught) {
      signal.throwIfAborted();
      const error = asAppError(caught);
      if (ledger.explains(kind, wordsOfKind(kind)) || error.code === 'not-found') continue;
      if (isLackOfRight(error)) ledger.lacks(`${wordsOfKind(kind)} cannot be compared: ${error.message}`);
      else ledger.add(kind, wordsOfKind(kind), 'failed', `could not be compared: ${error.message}`);
    }
  }
}

function note(kind: MetadataKind, what: string, difference: 'missing' | 'differs' | 'extra', ledger: Ledger): void {
  if (ledger.explains(kind, what) || ledger.keeps(kind, what)) return;
  if (difference === 'extra') ledger.add(kind, what, 'kept', 'the server has it, the snapshot does not; a restore takes nothing away');
  else ledger.differs(kind, what, difference === 'missing' ? 'the server does not have it' : 'the server has it otherwise');
}
