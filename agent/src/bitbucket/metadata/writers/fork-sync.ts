import { endpoint } from '../../endpoint.ts';
import type { Scope } from '../../endpoint.ts';
import { flagAt } from '../fields.ts';
import { objectAt, submit } from '../submit.ts';
import { fieldsWriter } from '../write-items.ts';

const syncAt = endpoint('/sync/latest/projects/{projectKey}/repos/{repositorySlug}');
const at = ({ projectKey, slug }: Scope): string => syncAt.at({ projectKey, repositorySlug: slug ?? '' });

export const forkSync = fieldsWriter({
  kind: 'fork-sync',
  operations: { repo: [`GET ${syncAt.template}`, `POST ${syncAt.template}`] },
  items: (value) => {
    const enabled = flagAt(value, 'enabled');
    const key = 'fork-sync';
    const what = 'syncing with the repository it was forked from';
    if (enabled === undefined) return [{ key, what, content: null }];
    // Off is what every repo is that nobody switched on.
    return enabled ? [{ key, what, content: { enabled } }] : [];
  },
  read: (context) => objectAt(context, at(context.scope)),
  refuse: (present) =>
    flagAt(present, 'available') === false ? 'it is no fork on the server, and only a fork whose origin is there can be synced' : null,
  write: (_, context) => submit(context, 'POST', at(context.scope), { json: { enabled: true } }),
});
