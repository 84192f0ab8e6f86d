import { scoped } from '../../endpoint.ts';
import { fieldsOf, numberAt, textAt } from '../fields.ts';
import { incomplete, itemsOfList } from '../item.ts';
import { everyEntry, operationsOf, submit } from '../submit.ts';
import { listWriter } from '../write-items.ts';

const keysAt = scoped('/keys/latest', '/ssh');
const permissionAt = scoped('/keys/latest', '/ssh/{keyId}/permission/{permission}');

/** An access key: some answers wrap it. */
const keyOf = (entry: unknown): unknown => fieldsOf(entry)['key'] ?? entry;

/** The key proper, without the comment behind it. */
export function keyMaterial(entry: unknown): string | undefined {
  const text = textAt(keyOf(entry), 'text');
  return text?.trim().split(/\s+/).slice(0, 2).join(' ');
}

export function keyLabel(entry: unknown): string {
  const key = keyOf(entry);
  return textAt(key, 'label') ?? textAt(key, 'text')?.trim().split(/\s+/)[2] ?? 'without a label';
}

export const keyNumber = (entry: unknown): number | undefined => numberAt(keyOf(entry), 'id');

interface Key {
  readonly text: string;
  readonly label: string;
  readonly permission: string;
  readonly expiryDays?: number;
}

export const accessKeys = listWriter<Key>({
  kind: 'access-keys',
  operations: operationsOf(['GET', keysAt], ['POST', keysAt], ['PUT', permissionAt]),
  items: (value, level) =>
    itemsOfList<Key>(value, level, 'access keys', (entry) => {
      const material = keyMaterial(entry);
      const permission = textAt(entry, 'permission');
      const what = `access key “${keyLabel(entry)}”`;
      if (material === undefined || permission === undefined) return incomplete(what, entry);
      if (!permission.startsWith(level === 'repo' ? 'REPO_' : 'PROJECT_')) return null;
      const expiryDays = numberAt(keyOf(entry), 'expiryDays');
      const content = { text: material, label: keyLabel(entry), permission, ...(expiryDays === undefined ? {} : { expiryDays }) };
      return { key: material, what, content, id: keyNumber(entry) };
    }),
  read: (context) => everyEntry(context, keysAt.at(context.scope)),
  leave: (wanted, present) =>
    wanted.content?.permission === present.content?.permission
      ? { state: 'kept', why: 'the server has this key, under another label' }
      : null,
  create: ({ permission, expiryDays, text, label }, context) =>
    submit(context, 'POST', keysAt.at(context.scope), {
      json: { key: { text, label, ...(expiryDays === undefined ? {} : { expiryDays }) }, permission },
    }),
  change: ({ permission }, keyId, context) =>
    submit(context, 'PUT', permissionAt.at(context.scope, { keyId, permission }), { nothing: true }),
});
