import { scoped } from '../../endpoint.ts';
import { textAt } from '../fields.ts';
import { incomplete, itemsOfList, type ComparableWriter } from '../item.ts';
import { groupOperations, userOperations } from '../principals.ts';
import { everyEntry, operationsOf, submit } from '../submit.ts';
import { listWriter } from '../write-items.ts';

const rights = ['READ', 'WRITE', 'ADMIN'] as const;

/** How far a permission reaches: `REPO_WRITE` is 1; -1 is none that can be given here. */
export function reach(permission: string, prefix: string): number {
  return rights.findIndex((right) => permission === `${prefix}_${right}`);
}

interface Granted {
  readonly name: string;
  readonly permission: string;
}

function permissionWriter(of: 'user' | 'group'): ComparableWriter {
  const grantsAt = scoped('/api/latest', `/permissions/${of}s`);
  return listWriter<Granted>({
    kind: `${of}-permissions`,
    operations: operationsOf(['GET', grantsAt], ['PUT', grantsAt], ...(of === 'user' ? userOperations : groupOperations)),
    items: (value, level) =>
      itemsOfList<Granted>(value, level, `permissions of ${of}s`, (entry) => {
        const name = textAt(entry, of, 'name') ?? textAt(entry, of, 'slug');
        const permission = textAt(entry, 'permission') ?? '';
        const what = `permission of ${of} “${name ?? 'unknown'}”`;
        if (name === undefined || reach(permission, level === 'repo' ? 'REPO' : 'PROJECT') < 0) return incomplete(what, entry);
        return { key: name.toLowerCase(), what: `${permission} for ${of} “${name}”`, content: { name, permission } };
      }),
    read: (context) => everyEntry(context, grantsAt.at(context.scope)),
    fit: async (_, { name, permission }, { principals }) => {
      const found = of === 'user' ? (await principals.user(name))?.name : (await principals.group(name)) ? name : undefined;
      return { content: found === undefined ? null : { name: found, permission }, why: principals.whyUnknown(of, name) };
    },
    // Taking a right away could be the restorer's own, in the middle of the restore.
    leave: ({ content }, present) => {
      const prefix = content?.permission.replace(/_.*/, '') ?? '';
      if (reach(content?.permission ?? '', prefix) >= reach(present.content?.permission ?? '', prefix)) return null;
      return { state: 'kept', why: `has more on the server: ${present.content?.permission ?? ''}` };
    },
    create: (content, context) => submit(context, 'PUT', grantsAt.at(context.scope), { nothing: true, query: { ...content } }),
  });
}

export const userPermissions = permissionWriter('user');
export const groupPermissions = permissionWriter('group');
