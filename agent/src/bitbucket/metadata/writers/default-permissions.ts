import { endpoint } from '../../endpoint.ts';
import { fieldsOf, flagAt } from '../fields.ts';
import { incomplete } from '../item.ts';
import { objectAt, submit } from '../submit.ts';
import { listWriter } from '../write-items.ts';

const defaultAt = endpoint('/api/latest/projects/{projectKey}/permissions/{permission}/all');
const permissions = ['PROJECT_READ', 'PROJECT_WRITE', 'PROJECT_ADMIN'] as const;

/** What everybody may do in a project. Restores grant; nothing is taken from anybody. */
export const defaultPermissions = listWriter<{ readonly permission: string }>({
  kind: 'default-permissions',
  operations: { project: [`GET ${defaultAt.template}`, `POST ${defaultAt.template}`] },
  items: (value) => {
    const fields = fieldsOf(value);
    if (!permissions.some((name) => flagAt(fields, name) !== undefined)) return [incomplete('default permissions', value)];
    return permissions
      .filter((permission) => flagAt(fields, permission) === true)
      .map((permission) => ({ key: permission, what: `${permission} for everybody`, content: { permission } }));
  },
  read: async (context, wanted) => {
    const granted = wanted.map(async ({ key: permission }) => {
      const answer = await objectAt(context, defaultAt.at({ projectKey: context.scope.projectKey, permission }));
      return [permission, flagAt(answer, 'permitted')] as const;
    });
    return Object.fromEntries(await Promise.all(granted));
  },
  create: ({ permission }, context) =>
    submit(context, 'POST', defaultAt.at({ projectKey: context.scope.projectKey, permission }), { nothing: true, query: { allow: true } }),
});
