import { endpoint } from '../../endpoint.ts';
import { textAt } from '../fields.ts';
import type { Item } from '../item.ts';
import { submit } from '../submit.ts';
import { fieldsWriter } from '../write-items.ts';

const avatarAt = endpoint('/api/latest/projects/{projectKey}/avatar.png');

/** Pictures that Bitbucket takes, and the ending of their file names. */
const endings: Readonly<Record<string, string>> = { 'image/png': 'png', 'image/jpeg': 'jpg', 'image/gif': 'gif' };

const typeOf = (value: unknown): string => (textAt(value, 'contentType') ?? 'image/png').split(';', 1)[0]?.trim().toLowerCase() ?? '';

function items(value: unknown): Item[] {
  const base64 = textAt(value, 'base64') ?? '';
  const usable = /^[A-Za-z0-9+/]+={0,2}$/.test(base64) && Object.hasOwn(endings, typeOf(value));
  return [{ key: 'avatar', what: 'avatar', content: usable ? base64 : null }];
}

export const avatar = fieldsWriter({
  kind: 'avatar',
  operations: { project: [`GET ${avatarAt.template}`, `POST ${avatarAt.template}`] },
  items,
  read: async ({ target, scope, signal }) => {
    const { bytes, contentType } = await target.bytes(avatarAt.at({ projectKey: scope.projectKey }), { signal });
    return { contentType, base64: Buffer.from(bytes).toString('base64') };
  },
  write: (_, context, { wanted }) => {
    const contentType = typeOf(wanted);
    const bytes = Buffer.from(textAt(wanted, 'base64') ?? '', 'base64');
    const fileName = `avatar.${endings[contentType] ?? 'png'}`;
    return submit(context, 'POST', avatarAt.at({ projectKey: context.scope.projectKey }), {
      form: { field: 'avatar', fileName, contentType, bytes },
    });
  },
});
