import { AppError } from '@gitprotect/shared/errors';
import { scoped } from '../../endpoint.ts';
import { at, flagAt, textAt } from '../fields.ts';
import { incomplete, isOwn, itemsOfList } from '../item.ts';
import type { WriteContext } from '../kind-writer.ts';
import { everyEntry, operationsOf, submit } from '../submit.ts';
import { listWriter } from '../write-items.ts';

const hooksAt = scoped('/api/latest', '/settings/hooks');
const enabledAt = scoped('/api/latest', '/settings/hooks/{hookKey}/enabled');
const settingsAt = scoped('/api/latest', '/settings/hooks/{hookKey}/settings');

interface Hook {
  readonly hookKey: string;
  readonly enabled: boolean;
  readonly settings: unknown;
}

const keyOf = (hook: unknown): string | undefined => textAt(hook, 'details', 'key');

/** A hook without settings is answered with nothing, or with 404. */
async function settingsOf({ target, scope, signal }: WriteContext, hookKey: string): Promise<unknown> {
  try {
    const text = await target.text(settingsAt.at(scope, { hookKey }), { signal });
    return text === '' ? null : JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError || (error instanceof AppError && error.code === 'not-found')) return null;
    throw error;
  }
}

/** Hooks and merge checks that are on, or have settings. Restores switch none off. */
export const hooks = listWriter<Hook>({
  kind: 'hooks',
  operations: operationsOf(['GET', hooksAt], ['GET', settingsAt], ['PUT', settingsAt], ['PUT', enabledAt]),
  items: (value, level) =>
    itemsOfList<Hook>(value, level, 'hooks and merge checks', (entry) => {
      const hook = at(entry, 'hook');
      const hookKey = keyOf(hook);
      const enabled = flagAt(hook, 'enabled');
      const what = `hook “${textAt(hook, 'details', 'name') ?? hookKey ?? 'without a name'}”`;
      if (hookKey === undefined || enabled === undefined) return incomplete(what, hook);
      const settings = at(entry, 'settings') ?? null;
      if (!isOwn(hook, level) || (!enabled && settings === null)) return null;
      return { key: hookKey, what, content: { hookKey, enabled, settings } };
    }),
  read: async (context, wanted) => {
    const keys = new Set(wanted.map(({ key }) => key));
    const present: unknown[] = [];
    for (const hook of await everyEntry(context, hooksAt.at(context.scope))) {
      const hookKey = keyOf(hook) ?? '';
      const settings = keys.has(hookKey) && flagAt(hook, 'configured') !== false ? await settingsOf(context, hookKey) : null;
      present.push({ hook, settings });
    }
    return present;
  },
  fit: async (_, content, __, present) => {
    const installed = !Array.isArray(present) || present.some((entry) => keyOf(at(entry, 'hook')) === content.hookKey);
    return { content: installed ? content : null, why: `the app “${content.hookKey.split(':')[0] ?? ''}” is not installed on the server` };
  },
  create: async ({ hookKey, enabled, settings }, context) => {
    // Some hooks refuse to be switched on before they have settings.
    if (settings !== null) await submit(context, 'PUT', settingsAt.at(context.scope, { hookKey }), { json: settings });
    if (enabled) await submit(context, 'PUT', enabledAt.at(context.scope, { hookKey }), { nothing: true });
  },
});
