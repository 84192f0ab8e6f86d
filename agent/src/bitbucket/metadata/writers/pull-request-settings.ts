import { endpoint } from '../../endpoint.ts';
import type { Scope } from '../../endpoint.ts';
import { at, fieldsOf, flagAt, listAt, numberAt, textAt } from '../fields.ts';
import type { Item, Level } from '../item.ts';
import { objectAt, submit } from '../submit.ts';
import { fieldsWriter } from '../write-items.ts';

const ofRepo = endpoint('/api/latest/projects/{projectKey}/repos/{repositorySlug}/settings/pull-requests');
/** A project has merge strategies only, one set for each kind of repository; there is but git. */
const ofProject = endpoint('/api/latest/projects/{projectKey}/settings/pull-requests/{scmId}');

const pathOf = ({ projectKey, slug }: Scope): string =>
  slug === null ? ofProject.at({ projectKey, scmId: 'git' }) : ofRepo.at({ projectKey, repositorySlug: slug });

const wordsOf: Readonly<Record<string, string>> = {
  requiredApprovers: 'number of approvers',
  requiredSuccessfulBuilds: 'number of successful builds',
  requiredAllApprovers: 'approval by all reviewers',
  requiredAllTasksComplete: 'all tasks complete',
  unapproveOnUpdate: 'approvals end with an update',
  needsWork: 'needs-work status',
};

/** The same checks, said a second time: with 0 for off. */
const countNames: Readonly<Record<string, string>> = {
  'com.atlassian.bitbucket.server.bundled-hooks.requiredApproversMergeHook': 'requiredApprovers',
  'com.atlassian.bitbucket.server.bitbucket-build.requiredBuildsMergeCheck': 'requiredSuccessfulBuilds',
};

/** A check's number; 0 is off. Newer servers say `{enabled, count}`. */
function countOf(value: unknown): number | null {
  if (flagAt(value, 'enabled') === false) return 0;
  return numberAt(value, 'count') ?? numberAt({ value }, 'value') ?? null;
}

function mergeItem(value: unknown, level: Level): Item[] {
  const config = at(value, 'mergeConfig');
  const own = level === 'repo' ? 'REPOSITORY' : 'PROJECT';
  if (config === undefined || (textAt(config, 'type') ?? own).toUpperCase() !== own) return [];
  const all = listAt(config, 'strategies').filter((strategy) => flagAt(strategy, 'enabled') ?? true);
  const enabled = all.flatMap((strategy) => textAt(strategy, 'id') ?? []).toSorted();
  const defaultId = textAt(config, 'defaultStrategy', 'id');
  const summaries = numberAt(config, 'commitSummaries');
  const template = at(config, 'commitMessageTemplate');
  const content =
    defaultId === undefined || enabled.length === 0
      ? null
      : {
          defaultStrategy: { id: defaultId },
          strategies: enabled.map((id) => ({ id })),
          ...(summaries === undefined ? {} : { commitSummaries: summaries }),
          ...(template === undefined ? {} : { commitMessageTemplate: template }),
        };
  return [{ key: 'mergeConfig', what: 'merge strategies', content }];
}

function items(value: unknown, level: Level): Item[] {
  const fields = fieldsOf(value);
  if (Object.keys(fields).length === 0) return [{ key: 'settings', what: 'pull request settings', content: null }];
  const counts = new Map<string, number | null>();
  for (const [name, count] of Object.entries(fields)) {
    const known = countNames[name] ?? name;
    if (known === 'requiredApprovers' || known === 'requiredSuccessfulBuilds') counts.set(known, counts.get(known) ?? countOf(count));
  }
  const flags = Object.entries(fields).filter(([, flag]) => typeof flag === 'boolean');
  return [
    ...mergeItem(value, level),
    ...(level === 'project' ? [] : [...counts, ...flags]).map(([key, content]) => ({ key, what: wordsOf[key] ?? key, content })),
  ];
}

export const pullRequestSettings = fieldsWriter({
  kind: 'pull-request-settings',
  operations: {
    repo: [`GET ${ofRepo.template}`, `POST ${ofRepo.template}`],
    project: [`GET ${ofProject.template}`, `POST ${ofProject.template}`],
  },
  items,
  read: (context) => objectAt(context, pathOf(context.scope)),
  write: (changed, context) =>
    submit(context, 'POST', pathOf(context.scope), {
      json: Object.fromEntries(changed.map(({ key, content }) => [key, content])),
    }),
});
