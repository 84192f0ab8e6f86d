import { join } from 'node:path';
import { AppError } from '@gitprotect/shared/errors';
import { guardError, standingGuards } from './backup/retention/guards.ts';
import { recordRun } from './backup/record-run.ts';
import { rememberProject } from './known-projects.ts';
import type { GitLine } from './backup/repo-access.ts';
import type { RunStore } from './backup/run-store.ts';
import type { RunParts } from './backup/run.ts';
import { select } from './backup/selection.ts';
import type { Config } from './config.ts';
import { lookAgain, readCoverage } from './credentials/coverage.ts';
import { poolCredential } from './credentials/credential-row.ts';
import { lastChange, readNews } from './credentials/access-changes.ts';
import { credentialsInUse } from './credentials/in-use.ts';
import type { Pool, PoolSource } from './credentials/pool.ts';
import type { CredentialStore } from './credentials/store.ts';
import type { Database } from './db/database.ts';
import { besideGit, projectsOf } from './beside-parts.ts';
import type { Clock } from './lib/clock.ts';
import type { Log } from './lib/log.ts';
import type { Place } from './place.ts';
import type { StoredPlan } from './plans/plan-store.ts';
import type { ProjectStore } from './servers/project-store.ts';
import type { ServerStore } from './servers/server-store.ts';
import type { Vault } from './vault/vault.ts';

/** The agent's parts that a run needs. */
export interface RunPartsFrom {
  readonly config: Config;
  readonly clock: Clock;
  readonly log: Log;
  readonly db: Database;
  readonly vault: Vault;
  readonly servers: ServerStore;
  readonly projects: Pick<ProjectStore, 'list'>;
  readonly credentials: CredentialStore;
  readonly runs: RunStore;
  readonly pool: Pool;
  readonly source: PoolSource;
  readonly place: (signal: AbortSignal) => Promise<Place>;
  /** A line of which nothing is known yet, over connections that stay. */
  readonly lineTo: (serverId: string) => Promise<GitLine>;
}

/** What a run of a plan works with, from the agent's parts. */
export function runPartsOf(from: RunPartsFrom, plan: StoredPlan): Omit<RunParts, 'goesOn'> {
  const { config, clock, log, db, vault, servers, projects, credentials, runs, pool, source, place, lineTo } = from;
  return {
    pool,
    clock,
    log,
    fetches: config.politeness.fetches,
    share: plan.share / 100,
    lineTo,
    open: async (signal) => {
      const { catalogue, sealed, plain, keys } = await place(signal);
      if (vault.locked) throw locked();
      const host = { machine: config.machine, signal };
      return { catalogue, storage: sealed, readBack: { storage: plain, keys, scratch: join(config.home, 'scratch'), host } };
    },
    guards: async () => {
      const keys = (await projects.list()).filter(({ id }) => plan.projectIds.includes(id));
      const guards = (await standingGuards(db)).filter((one) =>
        keys.some(({ serverId, key }) => serverId === one.serverId && key === one.projectKey),
      );
      return guards.map(guardError);
    },
    names: async () =>
      (await credentials.list()).map(({ id, name, owner }) => ({ credentialId: id, name, ownerSlug: owner?.slug ?? null })),
    besideOf: besideGit(from, plan),
    saveProject: projectsOf(from, plan),
    record: async (run, beside) => {
      if (run.repos === 0 && beside.projects.length === 0) return;
      const signal = new AbortController().signal;
      const opened = await place(signal);
      await recordRun(
        await runs.detail(run.id),
        {
          ...opened,
          storage: opened.plain,
          serverOf: (id) => servers.get(id),
          rememberProject: (project) => rememberProject(db, project),
        },
        beside,
        signal,
      );
    },
    select: async (signal) => {
      const before = await lastChange(db);
      const uses = await credentialsInUse(db, plan.id);
      return select(
        {
          projects: (await projects.list()).filter(({ id }) => plan.projectIds.includes(id)),
          serverOf: (id) => servers.get(id),
          uses,
          news: async () => (await readNews(db, { projectIds: plan.projectIds, after: before })).map(({ message }) => message),
          markRejected: (id) => source.markRejected(id),
          coverage: (project, ids) => readCoverage(db, project.id, ids),
          look: async (project, id, look) => {
            const client = await servers.clientOf(project.serverId);
            const credential = poolCredential(await credentials.get(id));
            const { failures } = await lookAgain(
              { db, client, clock, project, credentials: [credential], pool, share: plan.share / 100 },
              look,
            );
            return failures[0]?.error ?? null;
          },
        },
        signal,
      );
    },
  };
}

function locked(): AppError {
  return new AppError('vault-locked', 'the vault is locked', { remedy: 'give its passphrase: gitprotect-agent vault unlock' });
}
