import { alreadyExists, BitbucketError, invalid } from '../errors.ts';
import type { Repo } from '../model.ts';
import { slugOf } from '../slug.ts';
import type { State } from '../state.ts';

const namePattern = /^[\p{L}\p{N}][\p{L}\p{N}\-_. ]{0,127}$/u;

/** A repository's name as Bitbucket takes it; its slug may not end up empty. @throws BitbucketError 400. */
export function validName(name: unknown): string {
  if (typeof name === 'string' && namePattern.test(name) && slugOf(name) !== '') return name;
  const message =
    'Repository names are limited to 128 characters. They must start with a letter or number and may contain spaces, hyphens, underscores and periods';
  const slug = { context: 'slug', message: 'Please enter a non-empty value less than 128 characters', exceptionName: null };
  if (typeof name === 'string' && slugOf(name) !== '') throw invalid('name', message);
  throw new BitbucketError(400, [{ context: 'name', message, exceptionName: null }, slug]);
}

/** Two names with one slug are one too many. @throws BitbucketError 409. */
export function refuseDuplicate(state: State, projectKey: string, name: string, except?: Repo): void {
  const taken = state.repos.some((repo) => repo !== except && repo.project.key === projectKey && repo.slug === slugOf(name));
  if (taken) {
    throw alreadyExists('com.atlassian.bitbucket.repository.DuplicateRepositoryException', 'This repository URL is already taken.');
  }
}

export const notForkable = ({ slug }: Repo) =>
  alreadyExists('com.atlassian.bitbucket.repository.RepositoryForkNotAllowedException', `Repository ${slug} cannot be forked.`);
