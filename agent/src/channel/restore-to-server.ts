import { join } from 'node:path';
import { AppError } from '@gitprotect/shared/errors';
import type { ParsedParams } from '@gitprotect/shared/protocol';
import type { ServerRestoreReport } from '@gitprotect/shared/restore';
import { newId } from '../lib/id.ts';
import { Secret } from '../lib/secret.ts';
import { projectSource } from '../restore/to-bitbucket/project-source.ts';
import { restoreToServer } from '../restore/to-bitbucket/restore.ts';
import type { RepoSource } from '../restore/to-bitbucket/restore-repo.ts';
import type { Parts } from './parts.ts';
import { repoNamed } from './repo-named.ts';

type Wanted = ParsedParams<'restore.to-server'>;
type Place = Awaited<ReturnType<Parts['place']>>;

/** Restores into Bitbucket, and tells the pages how far it is. */
export async function toServer(parts: Parts, wanted: Wanted): Promise<ServerRestoreReport> {
  const { signal, machine, clock, servers } = parts;
  const { to, token, dryRun = false, settingsOnly = false, leaveOut = [] } = wanted;
  const place = await parts.place(signal, wanted.from);
  const { repos, project } = await sourcesOf(parts, wanted, place);
  const id = newId('x', 6);
  return restoreToServer(
    { repos, project, client: await servers.clientOf(to.serverId), projectKey: to.projectKey },
    {
      place,
      clock,
      token: new Secret(token),
      ca: (await servers.ca(to.serverId)) ?? null,
      host: { machine, signal },
      scratch: join(parts.home, 'scratch'),
      dryRun,
      settingsOnly,
      leaveOut,
      onStep: (what, done, of) => parts.tell({ name: 'restore.progress', body: { id, what, done, of } }),
    },
  );
}

/** Repos by name, or those of a project with its own settings. */
async function sourcesOf(parts: Parts, { repos = [], project, to }: Wanted, place: Place): ReturnType<typeof projectSource> {
  if (repos.length > 0) return { repos: await named(parts, repos, to.name, place), project: null };
  if (project === undefined)
    throw new AppError('bad-request', 'nothing to restore was named', { remedy: 'name repositories, or a project' });
  return projectSource(place, project, parts.signal);
}

async function named(
  parts: Parts,
  repos: NonNullable<Wanted['repos']>,
  name: string | undefined,
  { catalogue }: Place,
): Promise<RepoSource[]> {
  if (name !== undefined && repos.length > 1)
    throw new AppError('bad-request', `${repos.length} repositories cannot all be called “${name}”`, {
      remedy: 'give a name for one repository only',
    });
  const sources: RepoSource[] = [];
  for (const { repo, snapshotId, at } of repos) {
    const { serverId, repoId } = await repoNamed(parts, repo);
    sources.push({ entry: await catalogue.find({ repo: { serverId, repoId }, snapshotId, at }), name: name ?? null });
  }
  return sources;
}
