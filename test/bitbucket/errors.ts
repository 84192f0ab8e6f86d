import type { Project, Repo } from './model.ts';

export interface ErrorMessage {
  readonly context: string | null;
  readonly message: string;
  readonly exceptionName: string | null;
  /** Some exceptions tell more: the version expected, the pull request there is. */
  readonly [more: string]: unknown;
}

/** An answer with Bitbucket's error envelope. */
export class BitbucketError extends Error {
  override readonly name = 'BitbucketError';
  readonly status: number;
  readonly errors: readonly ErrorMessage[];
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, errors: readonly ErrorMessage[], headers: Readonly<Record<string, string>> = {}) {
    super(errors.map(({ message }) => message).join('; '));
    this.status = status;
    this.errors = errors;
    this.headers = headers;
  }
}

const one = (status: number, exceptionName: string | null, message: string, context: string | null = null): BitbucketError =>
  new BitbucketError(status, [{ context, message, exceptionName }]);

export const authenticationRequired = () =>
  one(401, 'com.atlassian.plugins.rest.api.security.exception.AuthenticationRequiredException', 'Authentication required.');

export const wrongCredentials = () =>
  one(
    401,
    'com.atlassian.bitbucket.auth.IncorrectPasswordAuthenticationException',
    'Authentication failed. Please check your credentials and try again.',
  );

/** Authenticated, but not permitted: Bitbucket says 401 for this too, never 403. */
export const notPermitted = () =>
  one(401, 'com.atlassian.bitbucket.AuthorisationException', 'You are not permitted to access this resource');

export const noSuchProject = (key: string) =>
  one(404, 'com.atlassian.bitbucket.project.NoSuchProjectException', `Project ${key} does not exist.`);

export const noSuchRepo = (key: string, slug: string) =>
  one(404, 'com.atlassian.bitbucket.repository.NoSuchRepositoryException', `Repository ${key}/${slug} does not exist.`);

export const noSuchUser = (slug: string) => one(404, 'com.atlassian.bitbucket.user.NoSuchUserException', `User ${slug} does not exist.`);

export const noSuchPullRequest = (id: string, repo: Repo) =>
  one(
    404,
    'com.atlassian.bitbucket.pull.NoSuchPullRequestException',
    `Pull request ${id} does not exist in ${repo.project.key}/${repo.slug}.`,
  );

export const noSuchEntity = (message: string) => one(404, 'com.atlassian.bitbucket.NoSuchEntityException', message);

export const noDefaultBranch = (repo: Repo) =>
  one(
    404,
    'com.atlassian.bitbucket.repository.NoDefaultBranchException',
    `No default branch is defined for repository ${repo.project.key}/${repo.slug}.`,
  );

export const projectNotEmpty = (project: Project) =>
  one(409, 'com.atlassian.bitbucket.IntegrityException', `The project ${project.key} cannot be deleted because it has repositories.`);

export const alreadyExists = (exceptionName: string, message: string) => one(409, exceptionName, message);

/** Bean validation: no exception name, the field as context. */
export const invalid = (context: string | null, message: string) => one(400, null, message, context);

export const tooManyRequests = (retryAfter: number) =>
  new BitbucketError(429, [{ context: null, message: 'You have exceeded the rate limit. Try again later.', exceptionName: null }], {
    'Retry-After': String(retryAfter),
  });
