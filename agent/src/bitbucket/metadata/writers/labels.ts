import { scoped } from '../../endpoint.ts';
import { textAt } from '../fields.ts';
import { incomplete, itemsOfList } from '../item.ts';
import { everyEntry, operationsOf, submit } from '../submit.ts';
import { listWriter } from '../write-items.ts';

const labelsAt = scoped('/api/latest', '/labels');

export const labels = listWriter<{ readonly name: string }>({
  kind: 'labels',
  operations: { repo: operationsOf(['GET', labelsAt], ['POST', labelsAt]).repo ?? [] },
  items: (value, level) =>
    itemsOfList<{ readonly name: string }>(value, level, 'labels', (entry) => {
      const name = textAt(entry, 'name');
      return name === undefined ? incomplete('label', entry) : { key: name, what: `label “${name}”`, content: { name } };
    }),
  read: (context) => everyEntry(context, labelsAt.at(context.scope)),
  create: (content, context) => submit(context, 'POST', labelsAt.at(context.scope), { json: content }),
});
