import type { Credential, Health } from '@gitprotect/shared/credential';
import { AppError } from '@gitprotect/shared/errors';
import { patient } from '../bitbucket/patient.ts';
import type { Secret } from '../lib/secret.ts';
import { attach } from './attach.ts';
import { userKey } from './credential-row.ts';
import { adoptOwner, refusedHealth } from './health-look.ts';
import { writeSighting } from './known-repos.ts';
import { lookAtProject, type ProjectLook } from './look-at-project.ts';
import { probe, type ProbedProject } from './probe.ts';
import type { CredentialStoreOptions } from './store.ts';

/** The projects of a server, or just those named. @throws AppError `not-found` for an id that is none of its projects */
export async function projectsOf(
  { db }: Pick<CredentialStoreOptions, 'db'>,
  serverId: string,
  ids?: readonly string[],
): Promise<ProbedProject[]> {
  const all = await db.selectFrom('projects').select(['id', 'key']).where('server_id', '=', serverId).orderBy('added_at').execute();
  if (ids === undefined) return all;
  return ids.map((id) => {
    const project = all.find((candidate) => candidate.id === id);
    if (project !== undefined) return project;
    throw new AppError('not-found', `there is no project ${id} of that server`, { remedy: 'add the project first' });
  });
}

/** Attaches a stored credential to projects after it has listed each. All or nothing. */
export async function attachAfterLook(
  { db, clock, clientOf, buckets }: CredentialStoreOptions,
  wanted: { readonly credential: Credential; readonly token: Secret; readonly projectIds: readonly string[] },
  signal?: AbortSignal,
): Promise<void> {
  const { credential, token, projectIds } = wanted;
  const { serverId, id: credentialId } = credential;
  const client = await clientOf(serverId);
  const reader = patient(
    client.as(token, () => buckets.spent(userKey(credential), 1, clock.now())),
    clock,
  );
  const seen: { project: ProbedProject; look: ProjectLook }[] = [];
  for (const project of await projectsOf({ db }, serverId, projectIds)) {
    try {
      seen.push({ project, look: await lookAtProject(reader, project.key, signal) });
    } catch (error) {
      throw error instanceof AppError && error.code === 'project-not-found' ? cannotRead(credential.name, project.key, error) : error;
    }
  }
  await db.transaction().execute(async (transaction) => {
    await attach(transaction, credentialId, projectIds);
    for (const { project, look } of seen) {
      await writeSighting(transaction, { serverId, projectId: project.id, credentialId, ...look, now: clock.now() });
    }
  });
}

export function cannotRead(name: string, projectKey: string, cause?: unknown): AppError {
  return new AppError('token-no-read', `“${name}” cannot read the project ${projectKey}`, {
    remedy: `give its owner read access to ${projectKey}, or choose other projects`,
    cause,
  });
}

/** Probes a stored credential and writes down how it fares and what it sees. Rejects when the server could not be asked. */
export async function testCredential(options: CredentialStoreOptions, credential: Credential, signal?: AbortSignal): Promise<void> {
  const { db, vault, clock, clientOf, buckets } = options;
  const { id: credentialId, serverId } = credential;
  const now = clock.now();
  const attached = credential.attachments.map(({ projectId }) => projectId);
  const row = await db.selectFrom('credentials').selectAll().where('id', '=', credentialId).executeTakeFirstOrThrow();
  const token = await vault.get(row.secret_id);
  const checkedAt = new Date(now).toISOString();
  const write = async (health: Health) => {
    await db
      .updateTable('credentials')
      .set({ health_json: JSON.stringify(health) })
      .where('id', '=', credentialId)
      .execute();
  };
  if (token === null) return write({ state: 'rejected', checkedAt, message: 'the vault holds no secret for it any more' });
  const projects = await projectsOf(options, serverId, attached);
  const claims = { expiresAt: credential.expiresAt === null ? null : Date.parse(credential.expiresAt) };
  try {
    const { readable, limit, owner, requests } = await probe({ client: await clientOf(serverId), token, projects, claims, clock }, signal);
    if (owner !== null && credential.owner !== null) await adoptOwner(options, serverId, { from: credential.owner, to: owner });
    const user = userKey({ id: credentialId, serverId, owner });
    buckets.learn(user, limit, now);
    buckets.spent(user, requests, clock.now());
    await db.transaction().execute(async (transaction) => {
      for (const { id: projectId } of projects) {
        const look = readable.find(({ project }) => project.id === projectId);
        await writeSighting(transaction, { serverId, projectId, credentialId, repos: look?.repos ?? [], remote: look?.remote, now });
      }
    });
    const blind = projects.filter(({ id }) => !readable.some(({ project }) => project.id === id)).map(({ key }) => key);
    const healthy = { state: 'healthy', checkedAt, message: null } as const;
    await write(blind.length === 0 ? healthy : { ...healthy, message: `cannot read ${blind.join(', ')}`, cause: 'no-read' });
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    switch (error.code) {
      case 'token-expired':
      case 'token-rejected':
        return write(await refusedHealth(options, { row, error, now }, signal));
      case 'token-no-read':
        return write({ state: 'rejected', checkedAt, message: error.message });
      default:
        throw error;
    }
  }
}
