import { notAToken, readToken, type Owner, type Permission } from '@gitprotect/shared/credential';
import { AppError } from '@gitprotect/shared/errors';
import type { BitbucketClient } from '../bitbucket/client.ts';
import { patient } from '../bitbucket/patient.ts';
import { canReadGit } from '../bitbucket/git-access.ts';
import { readOwner, type Ownership } from '../bitbucket/owner.ts';
import { listProjects } from '../bitbucket/projects.ts';
import type { Reader } from '../bitbucket/reader.ts';
import { readRateLimit, type RateLimit } from '../bitbucket/rate-limit.ts';
import { readTokenFacts } from '../bitbucket/tokens.ts';
import type { Clock } from '../lib/clock.ts';
import type { Secret } from '../lib/secret.ts';
import { lookAtProject, type ProjectLook } from './look-at-project.ts';

/** A project somebody added here, to be tried with a token. */
export interface ProbedProject {
  readonly id: string;
  readonly key: string;
}

/** What is known of a token after asking its server. Times in milliseconds since 1970. */
export interface ProbeReport {
  readonly tokenId: string | null;
  readonly kind: Ownership['kind'];
  readonly owner: Owner | null;
  /** From the server, else from whoever offered the token, else `null`. */
  readonly name: string | null;
  readonly permissions: readonly Permission[] | null;
  readonly expiresAt: number | null;
  /** Of its user; unknown for a token without an owner. */
  readonly limit: RateLimit;
  /** How many projects of the server it sees, known here or not. */
  readonly projects: number;
  /** HTTP requests that this took. */
  readonly requests: number;
  /** The given projects it can read, with what it sees in each. */
  readonly readable: readonly (ProjectLook & { readonly project: ProbedProject })[];
}

/** What whoever offers a token says of it: a page knows more than the server tells a token. */
export interface Claims {
  readonly name?: string | undefined;
  readonly permissions?: readonly Permission[] | undefined;
  readonly expiresAt?: number | null | undefined;
}

export interface Probing {
  readonly client: BitbucketClient;
  readonly token: Secret;
  readonly projects: readonly ProbedProject[];
  readonly claims?: Claims | undefined;
  readonly clock: Clock;
}

/**
 * Asks the server everything about a token that can be known before it is stored. Writes nothing.
 * @throws AppError `token-malformed`, `token-rejected`, `token-expired`; `token-no-read` when it sees no project, or git refuses it; and all of the client's
 */
export async function probe({ client, token, projects, claims = {}, clock }: Probing, signal?: AbortSignal): Promise<ProbeReport> {
  const form = readToken(token.reveal());
  if (form.form === 'not-a-token') throw notAToken();
  const tokenId = form.form === 'token' ? form.tokenId : null;
  let requests = 0;
  const reader = patient(
    client.as(token, () => (requests += 1)),
    clock,
  );
  const { kind, owner } = await ownerOrExpired(reader, claims, clock.now(), signal);
  const facts = owner === null || tokenId === null ? null : await readTokenFacts(reader, { ownerSlug: owner.slug, tokenId, signal });
  const readable = await readableProjects(reader, projects, signal);
  let visible = 0;
  for await (const _ of listProjects(reader, signal)) visible += 1;
  visible = Math.max(visible, readable.length);
  const host = new URL(client.baseUrl).host;
  if (visible === 0) {
    throw new AppError(
      'token-no-read',
      `${owner === null ? 'this token' : `the token of ${owner.displayName}`} sees no project at ${host}`,
      {
        remedy: "give its owner read access to the project, and the token the permission 'Repository read'",
      },
    );
  }
  const repo = readable.flatMap(({ repos }) => repos)[0];
  if (repo !== undefined && !(await canReadGit(reader, repo, signal))) {
    throw new AppError('token-no-read', `the token lists ${repo.projectKey}/${repo.slug} at ${host}, but git refuses to read with it`, {
      remedy: "give the token the permission 'Repository read'",
    });
  }
  return {
    tokenId,
    kind,
    owner,
    name: facts?.name ?? claims.name ?? null,
    permissions: facts?.permissions ?? claims.permissions ?? null,
    expiresAt: facts?.expiresAt ?? claims.expiresAt ?? null,
    limit: owner === null ? { kind: 'unknown' } : await readRateLimit(reader, owner.slug, signal),
    projects: visible,
    requests,
    readable,
  };
}

/** Bitbucket calls an expired token wrong; whoever offers it may know better. */
async function ownerOrExpired(reader: Reader, { expiresAt = null }: Claims, now: number, signal?: AbortSignal): Promise<Ownership> {
  try {
    return await readOwner(reader, signal);
  } catch (error) {
    if (error instanceof AppError && error.code === 'token-rejected' && expiresAt !== null && expiresAt <= now) {
      throw new AppError('token-expired', `this token expired on ${new Date(expiresAt).toISOString().slice(0, 10)}`, {
        remedy: 'create a new token in Bitbucket and add it',
        cause: error,
      });
    }
    throw error;
  }
}

async function readableProjects(
  reader: Reader,
  projects: readonly ProbedProject[],
  signal?: AbortSignal,
): Promise<ProbeReport['readable']> {
  const readable: (ProjectLook & { project: ProbedProject })[] = [];
  for (const project of projects) {
    try {
      readable.push({ project, ...(await lookAtProject(reader, project.key, signal)) });
    } catch (error) {
      if (!(error instanceof AppError) || !['project-not-found', 'token-no-read'].includes(error.code)) throw error;
    }
  }
  return readable;
}
