import type { Handlers } from './dispatch.ts';
import { keyHandlers } from './key-handlers.ts';
import { pageHandlers } from './page-handlers.ts';
import type { Parts } from './parts.ts';
import { restoreHandlers } from './restore-handlers.ts';
import { retentionHandlers } from './retention-handlers.ts';
import { storageHandlers } from './storage-handlers.ts';
import { statusOf } from './status.ts';
import { AppError } from '@gitprotect/shared/errors';
import { Secret } from '../lib/secret.ts';

type What = Parameters<Parts['changed']>[number];

/** What the agent does for each call: one line where it can be, for the work is the parts'. */
export function handlers(parts: Parts): Handlers {
  const { servers, projects, credentials, planBook, runs, runner, pairings } = parts;
  /** Does it, then tells every page what to ask for again. */
  const telling = async <T>(work: Promise<T>, ...what: What[]): Promise<T> => {
    const result = await work;
    parts.changed(...what, 'status');
    return result;
  };
  return {
    ...pageHandlers(parts, telling),
    ...restoreHandlers(parts, telling),
    ...retentionHandlers(parts, telling),
    ...storageHandlers(parts, telling),

    'agent.status': () => statusOf(parts),
    'agent.doctor': () => parts.examine(),
    'agent.stop': async () => {
      parts.stop();
      return {};
    },

    'server.add': (params) => telling(servers.add(params), 'servers'),
    'server.list': () => servers.list(),
    'server.remove': ({ id }) => telling(servers.remove(id), 'servers').then(nothing),

    'project.available': ({ serverId }) => projects.available(serverId),
    'project.add': (params) => telling(projects.add(params), 'projects', 'credentials'),
    'project.list': async () => parts.proofs.ofProjects(await projects.list()),
    'project.coverage': ({ id }) => projects.coverage(id),
    'project.forget-repo': ({ id, slug }) => telling(projects.forgetRepo(id, slug), 'projects', 'plans').then(nothing),
    'project.remove': ({ id }) => telling(projects.remove(id), 'projects', 'credentials', 'plans').then(nothing),

    'credential.add': async ({ token, ...wanted }) => {
      const added = await telling(credentials.add({ ...wanted, token: new Secret(token) }), 'credentials', 'projects', 'plans');
      return { ...added, plans: await planBook.choices(added.credential.id) };
    },
    'credential.renew': async ({ id, token, ...successor }) => {
      const renewed = await telling(credentials.renew(id, { ...successor, token: new Secret(token) }), 'credentials', 'projects', 'plans');
      return { ...renewed, plans: await planBook.choices(id) };
    },
    'credential.list': (only) => credentials.list(only),
    'credential.test': ({ id }) => telling(credentials.test(id), 'credentials', 'projects', 'plans'),
    'credential.attach': ({ id, projectIds }) => telling(credentials.attach(id, projectIds), 'credentials', 'projects', 'plans'),
    'credential.remove': ({ id, projectId }) =>
      telling<unknown>(
        projectId === undefined ? credentials.remove(id) : credentials.detach(id, projectId),
        'credentials',
        'projects',
        'plans',
      ).then(nothing),

    'plan.add': (settings) => telling(planBook.add(settings), 'plans', 'credentials'),
    'plan.list': () => planBook.list(),
    'plan.edit': ({ id, changes }) => telling(planBook.edit(id, definedOf(changes)), 'plans', 'credentials'),
    'plan.forecast': ({ id }) => planBook.forecast(id),
    'plan.remove': ({ id }) => telling(planBook.remove(id), 'plans', 'credentials').then(nothing),

    'run.start': ({ planId, ignoreWindow }) => telling(runner.start(planId, 'manual', ignoreWindow), 'runs', 'plans'),
    'run.cancel': async ({ id }) => {
      runner.cancel(id);
      return {};
    },
    'run.list': (filter) => runs.list(filter),
    'run.get': async ({ id }) => {
      const run = await runs.detail(id);
      return { ...run, jobs: await parts.proofs.ofJobs(run.jobs) };
    },

    'upkeep.run': async () => {
      await parts.upkeep.run();
      return parts.upkeepResults.list();
    },

    'pairing.open': async () => {
      const port = parts.port();
      if (port === null)
        throw new AppError('agent-not-running', 'pairing needs a running agent', { remedy: 'start it: gitprotect-agent start' });
      return pairings.open(port);
    },
    'pairing.list': () => pairings.list(),
    'pairing.remove': ({ id }) => telling(pairings.remove(id), 'pairings').then(nothing),

    'vault.unlock': ({ passphrase }) => telling(parts.vault.unlock(new Secret(passphrase))).then(nothing),
    ...keyHandlers(parts, telling),
  };
}

const nothing = () => ({});

/** Without the keys whose value is `undefined`: a change says only what changes. */
function definedOf<T extends object>(changes: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- exactly what the filter does, which the type of fromEntries cannot say
  return Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}
