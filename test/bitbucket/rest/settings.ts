import { BitbucketError } from '../errors.ts';
import type { Repo } from '../model.ts';
import { pageOf } from '../paging.ts';
import { admin, type Level, read } from '../permissions.ts';
import { jsonBody, noContent, ok, type Call, type Routes } from '../router.ts';
import { requireRepo, requireUser } from './access.ts';

/** One kind of thing a repository is configured with. Its values are whatever was put there: they are kept, not understood. */
interface Setting {
  readonly name: string;
  readonly path: string;
  /** A page of values, a bare list of them, or one object. */
  readonly shape: 'page' | 'list' | 'object';
  readonly needs: Level;
  /** Where POST creates, when not at `path`. */
  readonly createAt?: string;
  /** What POST answers, when not 200. */
  readonly created?: number;
}

const repo = 'projects/{projectKey}/repos/{repositorySlug}';
const core = `/rest/api/latest/${repo}`;

const settings: readonly Setting[] = [
  { name: 'webhooks', path: `${core}/webhooks`, shape: 'page', needs: admin },
  { name: 'labels', path: `${core}/labels`, shape: 'page', needs: read },
  { name: 'hooks', path: `${core}/settings/hooks`, shape: 'page', needs: admin },
  { name: 'pull-requests', path: `${core}/settings/pull-requests`, shape: 'object', needs: read },
  { name: 'restrictions', path: `/rest/branch-permissions/latest/${repo}/restrictions`, shape: 'page', needs: admin },
  { name: 'tasks', path: `/rest/default-tasks/latest/${repo}/tasks`, shape: 'page', needs: admin },
  { name: 'access-keys', path: `/rest/keys/latest/${repo}/ssh`, shape: 'page', needs: admin, created: 201 },
  // Not paged, and created under another name.
  {
    name: 'default-reviewers',
    path: `/rest/default-reviewers/latest/${repo}/conditions`,
    shape: 'list',
    needs: read,
    createAt: `/rest/default-reviewers/latest/${repo}/condition`,
  },
];

const valuesOf = (target: Repo, name: string): Record<string, unknown>[] => target.settings.get(name) ?? [];

const nextId = (values: readonly Record<string, unknown>[]): number => Math.max(0, ...values.map(({ id }) => Number(id) || 0)) + 1;

function readSetting(call: Call, { name, shape, needs }: Setting) {
  requireUser(call);
  const values = valuesOf(requireRepo(call, needs), name);
  if (shape === 'object') return ok(values[0] ?? {});
  return ok(shape === 'list' ? values : pageOf(values, call.query, call.instance.pageLimit));
}

async function create(call: Call, { name, shape, created = 200 }: Setting) {
  requireUser(call);
  const target = requireRepo(call, admin);
  const request = await jsonBody(call);
  const values = valuesOf(target, name);
  const value = shape === 'object' ? { ...values[0], ...request } : { ...request, id: nextId(values) };
  target.settings.set(name, shape === 'object' ? [value] : [...values, value]);
  return { status: created, body: value };
}

function remove(call: Call, { name }: Setting) {
  requireUser(call);
  const target = requireRepo(call, admin);
  const values = valuesOf(target, name);
  const rest = values.filter(({ id }) => String(id) !== call.params['itemId']);
  if (rest.length === values.length) throw new BitbucketError(404, []);
  target.settings.set(name, rest);
  return noContent();
}

function routesFor(setting: Setting): Routes {
  return {
    [`GET ${setting.path}`]: (call) => readSetting(call, setting),
    [`POST ${setting.createAt ?? setting.path}`]: (call) => create(call, setting),
    ...(setting.shape === 'object'
      ? {}
      : { [`DELETE ${setting.createAt ?? setting.path}/{itemId}`]: (call: Call) => remove(call, setting) }),
  };
}

export const settingRoutes: Routes = Object.assign({}, ...settings.map(routesFor)) as Routes;
