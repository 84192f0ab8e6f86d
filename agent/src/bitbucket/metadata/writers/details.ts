import { scoped } from '../../endpoint.ts';
import { fieldsOf, flagAt, textAt } from '../fields.ts';
import type { Item, Level } from '../item.ts';
import type { KindWriter } from '../kind-writer.ts';
import { objectAt, operationsOf, submit } from '../submit.ts';
import { fieldsWriter } from '../write-items.ts';

const placeAt = scoped('/api/latest', '');
const operations = operationsOf(['GET', placeAt], ['PUT', placeAt]);

const wordsOf = { forkable: 'forks allowed', public: 'public access', archived: 'archived' } as const;

function flags(value: unknown, names: readonly (keyof typeof wordsOf)[]): Item[] {
  return names.flatMap((name) => {
    const content = flagAt(value, name);
    return content === undefined ? [] : [{ key: name, what: wordsOf[name], content }];
  });
}

/** Name, key and slug are the target's own. */
function items(value: unknown, level: Level): Item[] {
  if (Object.keys(fieldsOf(value)).length === 0) return [{ key: 'details', what: 'details', content: null }];
  return [
    // A place without a description has no such field.
    { key: 'description', what: 'description', content: textAt(value, 'description') ?? '' },
    ...flags(value, level === 'repo' ? ['forkable', 'public'] : ['public']),
  ];
}

/** All but `archived`, which would refuse whatever comes after it: see `archiveWriter`. */
export const details = fieldsWriter({
  kind: 'details',
  operations,
  items,
  read: (context) => objectAt(context, placeAt.at(context.scope)),
  write: (changed, context) =>
    submit(context, 'PUT', placeAt.at(context.scope), {
      json: Object.fromEntries(changed.map(({ key, content }) => [key, content])),
    }),
});

/** The flag of `details` that a restore sets at its very end: an archived repo takes no change. */
export const archiveWriter: KindWriter = fieldsWriter({
  kind: 'details',
  operations: { repo: operations.repo ?? [] },
  items: (value, level) => (level === 'repo' ? flags(value, ['archived']).filter(({ content }) => content === true) : []),
  read: (context) => objectAt(context, placeAt.at(context.scope)),
  write: (_, context) => submit(context, 'PUT', placeAt.at(context.scope), { json: { archived: true } }),
});

/** Both together, for comparing. */
export const detailsItems = (value: unknown, level: Level): readonly Item[] => [
  ...items(value, level),
  ...(level === 'repo' ? flags(value, ['archived']) : []),
];
