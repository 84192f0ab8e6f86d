import { AppError, asAppError } from '@gitprotect/shared/errors';
import * as v from 'valibot';
import { endpoint, scoped } from '../../bitbucket/endpoint.ts';
import type { Writer } from '../../bitbucket/writer.ts';
import { isLackOfRight } from './ledger.ts';

const project = endpoint('/api/latest/projects/{projectKey}');
const repos = endpoint('/api/latest/projects/{projectKey}/repos');
const repo = scoped('/api/latest', '').repo;
const branches = scoped('/api/latest', '/branches').repo;
const tags = scoped('/api/latest', '/tags').repo;
const defaultBranch = scoped('/api/latest', '/default-branch').repo;
const permissions = scoped('/api/latest', '/permissions/users').project;

/** What finding and making the place asks. */
export const targetOperations = [
  ...[project, repo, branches, tags, permissions].map(({ template }) => `GET ${template}`),
  `POST ${repos.template}`,
  `PUT ${defaultBranch.template}`,
];

const Repo = v.looseObject({ slug: v.string(), project: v.looseObject({ key: v.string() }) });
const SomePage = v.looseObject({ values: v.array(v.unknown()) });

/** The project that a restore goes to. Its key is written as the server writes it. */
export interface Target {
  readonly writer: Writer;
  readonly projectKey: string;
  /** Whose token it is, where the server says so. */
  readonly userName: string | null;
  /** May create repos and change the project's settings. */
  readonly administers: boolean;
}

/** @throws AppError `project-not-found` with the next step: a token can create no project */
export async function openTarget(writer: Writer, projectKey: string, signal: AbortSignal): Promise<Target> {
  let key: string;
  let userName: string | null;
  try {
    const answer = await writer.ask(project.at({ projectKey }), { schema: v.looseObject({ key: v.string() }), signal });
    [key, userName] = [answer.body.key, answer.userName];
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'project-not-found') throw error;
    throw new AppError('project-not-found', `there is no project ${projectKey} on ${writer.baseUrl}, or this token may not see it`, {
      remedy: `create it in Bitbucket first (no token can), give the token’s owner Project admin there, and restore again`,
    });
  }
  return {
    writer,
    projectKey: key,
    userName,
    administers: await may(() => writer.get(permissions.at({ projectKey: key }), { schema: SomePage, query: { limit: 1 }, signal })),
  };
}

async function may(ask: () => Promise<unknown>): Promise<boolean> {
  try {
    await ask();
    return true;
  } catch (error) {
    if (isLackOfRight(asAppError(error))) return false;
    throw error;
  }
}

/** As Bitbucket makes it of a name. */
export const slugOf = (name: string): string =>
  name
    .toLowerCase()
    .replaceAll(/[^a-z0-9._-]+/g, '-')
    .replaceAll(/^-+|-+$/g, '');

/** A repo of that name: `null` when there is none, else its slug and whether it holds anything. */
export async function findRepo(
  { writer, projectKey }: Target,
  name: string,
  signal: AbortSignal,
): Promise<{ slug: string; empty: boolean } | null> {
  const names = { projectKey, repositorySlug: slugOf(name) };
  try {
    const { slug, project: at } = await writer.get(repo.at(names), { schema: Repo, signal });
    // A name that a repo has left leads on to it for ever: that one is not meant.
    if (slug !== names.repositorySlug || at.key !== projectKey) return null;
    const count = async (path: string) =>
      writer.get(path, { schema: SomePage, query: { limit: 1 }, signal }).then(
        ({ values }) => values.length,
        (error: unknown) => {
          // A repo without any commit answers some of these with 404.
          if (error instanceof AppError && error.code === 'not-found') return 0;
          throw error;
        },
      );
    return { slug, empty: (await count(branches.at(names))) + (await count(tags.at(names))) === 0 };
  } catch (error) {
    if (error instanceof AppError && (error.code === 'repo-not-found' || error.code === 'not-found')) return null;
    throw error;
  }
}

/**
 * @param head the branch that HEAD names, whether it exists or not
 * @returns the slug that Bitbucket gave it
 */
export async function createRepo(
  { writer, projectKey }: Target,
  name: string,
  head: string | undefined,
  signal: AbortSignal,
): Promise<string> {
  const body = { json: { name, scmId: 'git', forkable: true, ...(head !== undefined && { defaultBranch: head }) } };
  const { slug } = await writer.send('POST', repos.at({ projectKey }), { body, schema: Repo, signal });
  return slug;
}

/** @param ref `refs/heads/main` */
export async function chooseDefaultBranch({ writer, projectKey }: Target, slug: string, ref: string, signal: AbortSignal): Promise<void> {
  await writer.send('PUT', defaultBranch.at({ projectKey, repositorySlug: slug }), {
    body: { json: { id: ref } },
    schema: v.unknown(),
    signal,
  });
}
