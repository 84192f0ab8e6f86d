import * as v from 'valibot';
import { scoped } from '../../endpoint.ts';
import { ifFound } from '../if-found.ts';
import { isObject, JsonObject } from '../json-object.ts';
import type { KindReader } from '../kind-reader.ts';
import { locate, operationsOf } from '../places.ts';

const hooksAt = scoped('/api/latest', '/settings/hooks');
const settingsAt = scoped('/api/latest', '/settings/hooks/{hookKey}/settings');

/** Hooks and merge checks, with the settings of those that are on or were set up. */
export const hooks: KindReader = {
  kind: 'hooks',
  needs: 'admin',
  operations: operationsOf(hooksAt, settingsAt),
  async *read(from, scope, { signal }) {
    const value: { hook: unknown; settings: unknown }[] = [];
    for await (const hook of from.pages(locate(hooksAt, scope), { schema: JsonObject, signal })) {
      const hookKey = isObject(hook['details']) ? hook['details']['key'] : undefined;
      const isSet = hook['enabled'] === true || hook['configured'] === true;
      const canAsk = isSet && typeof hookKey === 'string' && hookKey !== '' && hookKey.isWellFormed();
      // A hook without settings answers 404 or 204, whichever its version.
      const settings = canAsk ? await ifFound(from.get(locate(settingsAt, scope, { hookKey }), { schema: v.unknown(), signal })) : null;
      value.push({ hook, settings });
    }
    yield { key: '-', value };
  },
};
