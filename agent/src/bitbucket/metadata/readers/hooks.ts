import { AppError } from '@gitprotect/shared/errors';
import * as v from 'valibot';
import { scoped } from '../../endpoint.ts';
import type { KindReader } from '../kind-reader.ts';
import { readList } from '../read-list.ts';
import { only, operationsOf } from '../simple-readers.ts';

const hooks = scoped('/api/latest', '/settings/hooks');
const settings = scoped('/api/latest', '/settings/hooks/{hookKey}/settings');

const Configured = v.looseObject({
  enabled: v.nullish(v.boolean()),
  configured: v.nullish(v.boolean()),
  details: v.looseObject({ key: v.string(), configFormKey: v.nullish(v.string()) }),
});

/** Hooks and merge checks, with the settings of those that are on or were set up. */
export const hooksAndChecks: KindReader = {
  kind: 'hooks',
  needs: 'admin',
  operations: operationsOf([hooks, settings]),
  async *read(from, scope, { signal }) {
    const value: { hook: unknown; settings: unknown }[] = [];
    for (const hook of await readList(from, hooks.at(scope), { signal })) {
      const read = v.safeParse(Configured, hook);
      const wanted = read.success && (read.output.enabled === true || read.output.configured === true);
      const path = read.success ? settings.at(scope, { hookKey: read.output.details.key }) : '';
      value.push({ hook, settings: wanted ? await from.ask(path, { schema: v.unknown(), signal }).then(({ body }) => body, none) : null });
    }
    yield { key: only, value };
  },
};

/** A hook without settings is answered with 204 or 404. */
function none(error: unknown): null {
  if (error instanceof AppError && (error.code === 'not-found' || error.facts['contentType'] === '')) return null;
  throw error;
}
