import { scoped } from '../../endpoint.ts';
import { numberAt, textAt } from '../fields.ts';
import { incomplete, itemsOfList } from '../item.ts';
import { knownUsers, numberedUsers, userNamesAt } from '../known-users.ts';
import { userOperations } from '../principals.ts';
import { everyEntry, operationsOf, submit } from '../submit.ts';
import { listWriter } from '../write-items.ts';

export const reviewerGroupsAt = scoped('/api/latest', '/settings/reviewer-groups');
const groupAt = scoped('/api/latest', '/settings/reviewer-groups/{id}');

interface ReviewerGroup {
  readonly name: string;
  readonly description: string;
  readonly users: readonly string[];
}

export const reviewerGroups = listWriter<ReviewerGroup>({
  kind: 'reviewer-groups',
  operations: operationsOf(['GET', reviewerGroupsAt], ['POST', reviewerGroupsAt], ['PUT', groupAt], ...userOperations),
  items: (value, level) =>
    itemsOfList<ReviewerGroup>(value, level, 'reviewer groups', (entry) => {
      const name = textAt(entry, 'name');
      if (name === undefined) return incomplete('reviewer group', entry);
      const content = { name, description: textAt(entry, 'description') ?? '', users: userNamesAt(entry, 'users') };
      return { key: name, what: `reviewer group “${name}”`, content, id: numberAt(entry, 'id') };
    }),
  read: (context) => everyEntry(context, reviewerGroupsAt.at(context.scope)),
  fit: async ({ what }, content, context) => {
    const { names, notes } = await knownUsers(content.users, what, context);
    const none = names.length === 0 && content.users.length > 0;
    return { content: none ? null : { ...content, users: names }, why: 'none of its users can be found on the server', notes };
  },
  create: async ({ users, ...group }, context) =>
    submit(context, 'POST', reviewerGroupsAt.at(context.scope), { json: { ...group, users: await numberedUsers(users, context) } }),
  change: async ({ users, ...group }, id, context) =>
    submit(context, 'PUT', groupAt.at(context.scope, { id }), { json: { ...group, users: await numberedUsers(users, context) } }),
});
