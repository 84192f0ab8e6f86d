import { invalid, noSuchEntity } from '../../errors.ts';
import { admin, read } from '../../permissions.ts';
import { type Answer, type Call, jsonBody, ok, type Routes } from '../../router.ts';
import { mergeConfigOf, shownMergeConfig } from './merge-config.ts';
import { at, countOf, type Fields, flagOf, isFields, kept, type Place, requirePlace } from './place.ts';

const name = 'pull-requests';

const flags = ['requiredAllApprovers', 'requiredAllTasksComplete', 'unapproveOnUpdate', 'needsWork'];

/** Each count by its old name, and by the check behind it. */
const counts = [
  ['requiredApprovers', 'com.atlassian.bitbucket.server.bundled-hooks.requiredApproversMergeHook'],
  ['requiredSuccessfulBuilds', 'com.atlassian.bitbucket.server.bitbucket-build.requiredBuildsMergeCheck'],
] as const;

/** A number, 0 for none, or what the check behind it says. */
function countIn(body: Fields, old: string, check: string): number | undefined {
  const says = body[check] ?? (isFields(body[old]) ? body[old] : undefined);
  if (isFields(says)) return flagOf(says, 'enabled') ? countOf({ ...says, count: Number(says['count']) }, 'count', 1) : 0;
  if (says !== undefined) throw invalid(check, 'A check says whether it is enabled, and its count.');
  return body[old] === undefined ? undefined : countOf(body, old, 0);
}

function changed(body: Fields): Fields {
  const value: Record<string, unknown> = {};
  for (const flag of flags) if (body[flag] !== undefined) value[flag] = flagOf(body, flag);
  for (const [old, check] of counts) {
    const count = countIn(body, old, check);
    if (count !== undefined) value[old] = count;
  }
  return { ...value, ...mergePart(body) };
}

/** An empty configuration takes the present one away. */
function mergePart({ mergeConfig }: Fields): Fields {
  if (mergeConfig === undefined) return {};
  if (!isFields(mergeConfig)) throw invalid('mergeConfig', 'The merge configuration must be an object.');
  return { mergeConfig: Object.keys(mergeConfig).length === 0 ? undefined : mergeConfigOf(mergeConfig) };
}

function show(on: Place): object {
  const value = kept(on, name)[0] ?? {};
  const counted = counts.flatMap(([old, check]) => {
    const count = Number(value[old] ?? 0);
    return [
      [old, count],
      [check, { enabled: count > 0, count: String(count) }],
    ] as const;
  });
  return {
    mergeConfig: shownMergeConfig(on),
    ...Object.fromEntries(flags.map((flag) => [flag, value[flag] ?? flag === 'needsWork'])),
    ...Object.fromEntries(counted),
  };
}

async function set(call: Call): Promise<Answer> {
  const on = requirePlace(call, admin);
  on.settings.set(name, [{ ...kept(on, name)[0], ...changed(await jsonBody(call)) }]);
  return ok(show(on));
}

function requireGit({ params }: Call): void {
  if (params['scmId'] !== 'git') throw noSuchEntity(`There is no SCM ${params['scmId'] ?? ''}.`);
}

const ofRepo = at('/api/latest', 'repo', '/settings/pull-requests');
const ofProject = at('/api/latest', 'project', '/settings/pull-requests/{scmId}');

/** A project has merge strategies only, for each SCM. */
export const pullRequestSettingRoutes: Routes = {
  [`GET ${ofRepo}`]: (call) => ok(show(requirePlace(call, read))),
  [`POST ${ofRepo}`]: set,
  [`GET ${ofProject}`]: (call) => {
    const on = requirePlace(call, read);
    requireGit(call);
    return ok({ mergeConfig: shownMergeConfig(on) });
  },
  [`POST ${ofProject}`]: async (call) => {
    const on = requirePlace(call, admin);
    requireGit(call);
    on.settings.set(name, [mergePart(await jsonBody(call))]);
    return ok({ mergeConfig: shownMergeConfig(on) });
  },
};
