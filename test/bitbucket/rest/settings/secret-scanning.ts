import { invalid } from '../../errors.ts';
import type { Repo } from '../../model.ts';
import { pageOf } from '../../paging.ts';
import { admin } from '../../permissions.ts';
import { type Answer, type Call, noContent, ok, type Routes } from '../../router.ts';
import { requireProject, requireRepo, requireUser } from '../access.ts';
import { repoJson } from '../json.ts';
import { type ListKind, type Making, routesOf } from './list-kind.ts';
import { anyJson, at, type Fields, isFields, scopeOf, textOf } from './place.ts';

const exempt = 'secret-scanning-exempt';

/** A rule needs a pattern for lines or paths, and each has to be one. */
function ruleOf({ body, before, id }: Making): Fields {
  const whole = { ...before, ...body };
  const patterns = (['lineRegex', 'pathRegex'] as const).flatMap((field) => {
    const value = whole[field];
    if (value === undefined || value === null || value === '') return [];
    if (typeof value !== 'string' || !isPattern(value)) throw invalid(field, 'The regular expression is not valid.');
    return [[field, value]] as const;
  });
  if (patterns.length === 0) throw invalid('lineRegex', 'A rule needs a lineRegex or a pathRegex.');
  return { id, name: textOf(whole, 'name'), ...Object.fromEntries(patterns) };
}

function isPattern(text: string): boolean {
  try {
    return new RegExp(text) instanceof RegExp;
  } catch {
    return false;
  }
}

const listOfRules = (list: string, make: ListKind['make']): ListKind => ({
  name: `secret-scanning-${list}`,
  api: '/api/latest',
  list: `/secret-scanning/${list}`,
  item: `/secret-scanning/${list}/{id}`,
  one: ['GET', 'PUT', 'DELETE'],
  reads: admin,
  make,
});

const repoOf = (call: Call): Repo => {
  requireUser(call);
  return requireRepo(call, admin);
};

async function exemptSeveral(call: Call): Promise<Answer> {
  requireUser(call);
  const project = requireProject(call, admin);
  const body = await anyJson(call);
  if (!Array.isArray(body)) throw invalid(null, 'The request body is not a list.');
  const repos = body.map((selector: unknown) => {
    const { projectKey, slug } = isFields(selector) ? selector : {};
    const repo = typeof projectKey === 'string' && typeof slug === 'string' ? call.instance.state.findRepo(projectKey, slug) : undefined;
    if (repo === undefined || repo.project !== project) throw invalid('slug', 'Each repository must be one of the project.');
    return repo;
  });
  for (const repo of repos) repo.settings.set(exempt, [{}]);
  return noContent();
}

function listExempt(call: Call): Answer {
  requireUser(call);
  const project = requireProject(call, admin);
  const { instance } = call;
  const repos = instance.state.repos.filter((repo) => repo.project === project && repo.settings.has(exempt));
  return ok(
    pageOf(
      repos.map((repo) => repoJson(instance, repo)),
      call.query,
      instance.pageLimit,
    ),
  );
}

const ofRepo = at('/api/latest', 'repo', '/secret-scanning/exempt');
const ofProject = at('/api/latest', 'project', '/secret-scanning/exempt');

export const secretScanningRoutes: Routes = {
  ...routesOf(listOfRules('rules', (making) => ({ ...ruleOf(making), scope: scopeOf(making.on) }))),
  ...routesOf(listOfRules('allowlist', ruleOf)),
  [`GET ${ofRepo}`]: (call) => ok(repoOf(call).settings.has(exempt)),
  [`PUT ${ofRepo}`]: (call) => {
    repoOf(call).settings.set(exempt, [{}]);
    return noContent();
  },
  [`DELETE ${ofRepo}`]: (call) => {
    repoOf(call).settings.delete(exempt);
    return noContent();
  },
  [`GET ${ofProject}`]: listExempt,
  [`POST ${ofProject}`]: exemptSeveral,
};
