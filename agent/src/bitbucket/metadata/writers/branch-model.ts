import { scoped } from '../../endpoint.ts';
import { fieldsOf, flagAt, listAt, textAt } from '../fields.ts';
import { incomplete, isOwn, type Item, type Level } from '../item.ts';
import { objectAt, operationsOf, submit } from '../submit.ts';
import { fieldsWriter } from '../write-items.ts';

/** Absent from the published API, and asked by every client that shows the model. */
const modelAt = scoped('/branch-utils/1.0', '/branchmodel/configuration');

function branchItem(name: 'development' | 'production', value: unknown): Item[] {
  const useDefault = flagAt(value, 'useDefault') ?? false;
  const refId = textAt(value, 'refId') ?? null;
  if (!useDefault && refId === null) return [];
  return [{ key: name, what: `${name} branch`, content: useDefault ? { useDefault, refId: null } : { useDefault, refId } }];
}

function typeItem(value: unknown): Item {
  const id = textAt(value, 'id');
  if (id === undefined) return incomplete('branch prefix', value);
  const content = { id, enabled: flagAt(value, 'enabled') ?? true, prefix: textAt(value, 'prefix') ?? '' };
  return { key: `type ${id}`, what: `prefix of ${id.toLowerCase()} branches`, content };
}

function items(value: unknown, level: Level): Item[] {
  const { development, production } = fieldsOf(value);
  if (development === undefined && production === undefined && !Array.isArray(fieldsOf(value)['types'])) {
    return [{ key: 'model', what: 'branching model', content: null }];
  }
  if (!isOwn(value, level)) return [];
  return [...branchItem('development', development), ...branchItem('production', production), ...listAt(value, 'types').map(typeItem)];
}

export const branchModel = fieldsWriter({
  kind: 'branch-model',
  operations: operationsOf(['GET', modelAt], ['PUT', modelAt]),
  items,
  read: (context) => objectAt(context, modelAt.at(context.scope)),
  // The model is replaced whole, so what the record does not say stays as the target has it.
  write: (_, context, { wanted, present }) => {
    const level = context.scope.slug === null ? 'project' : 'repo';
    const kept = new Map(items(present, level).map((item) => [item.key, item.content]));
    for (const { key, content } of items(wanted, level)) if (content !== null) kept.set(key, content);
    const types = [...kept].filter(([key]) => key.startsWith('type ')).map(([, content]) => content);
    const json = { development: kept.get('development') ?? { useDefault: true }, production: kept.get('production'), types };
    return submit(context, 'PUT', modelAt.at(context.scope), { json });
  },
});
