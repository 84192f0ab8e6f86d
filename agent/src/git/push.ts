import { AppError } from '@gitprotect/shared/errors';
import type { Secret } from '../lib/secret.ts';
import { gitFailed, runGit, type GitHost, type GitOutput } from './run-git.ts';
import { quotable } from './server-words.ts';

/** Where a restored repo goes. */
export interface PushTarget {
  /** Clone URL of an empty repo, without credentials. */
  readonly url: string;
  /** With the right to write there. */
  readonly token: Secret;
  /** File with certificates (PEM) to trust instead of the machine's own: those of the machine and the company's. */
  readonly caFile?: string | undefined;
}

/** A ref the server did not take, and why, in its words. */
export interface RejectedRef {
  readonly ref: string;
  readonly reason: string;
}

/** Bitbucket makes the refs of pull requests itself and takes them from nobody. */
const pushed = ['refs/heads/*:refs/heads/*', 'refs/tags/*:refs/tags/*'];

/**
 * Pushes all branches and tags of the bare repo `dir`. Overwrites nothing: a ref the server has already, elsewhere, is rejected.
 * Resolves to the refs that were not taken. Throws `token-rejected`, `repo-not-found`, `server-redirects`, `server-certificate`,
 * `server-unreachable`, `throttled`, or `git-failed`.
 */
export async function pushAll(dir: string, target: PushTarget, host: GitHost): Promise<RejectedRef[]> {
  const machine = { ...host.machine, ...pushEnvironment(target) };
  const output = await runGit(dir, ['push', '--porcelain', '--no-verify', '--', target.url, ...pushed], { ...host, machine });
  const rejected = rejectedRefs(output.stdout);
  if (output.exitCode !== 0 && rejected.length === 0) throw whyNotPushed(output, target.url);
  return rejected;
}

/**
 * Through the environment, for arguments and the repo's configuration can be read by others. Bearer only: project tokens refuse anything else.
 * Redirects are off, or git would send the header to wherever the server points.
 */
function pushEnvironment({ url, token, caFile }: PushTarget): Record<string, string> {
  const config = [
    [`http.${url}.extraHeader`, `Authorization: Bearer ${token.reveal()}`],
    ['http.followRedirects', 'false'],
    ['credential.helper', ''],
    ['core.hooksPath', '/dev/null'],
    ...(caFile === undefined ? [] : [['http.sslCAInfo', caFile]]),
  ];
  return {
    GIT_ALLOW_PROTOCOL: 'https:http',
    GIT_CONFIG_COUNT: String(config.length),
    ...Object.fromEntries(
      config.flatMap(([key, value], index) => [
        [`GIT_CONFIG_KEY_${index}`, key],
        [`GIT_CONFIG_VALUE_${index}`, value],
      ]),
    ),
  };
}

/** git push --porcelain: flag, tab, from:to, tab, summary; `!` flags what was not taken. */
function rejectedRefs(stdout: Buffer): RejectedRef[] {
  return stdout
    .toString('utf8')
    .split('\n')
    .filter((line) => line.startsWith('!\t'))
    .map((line) => {
      const [, names = '', summary = ''] = line.split('\t');
      return { ref: names.slice(names.indexOf(':') + 1), reason: quotable(summary) };
    });
}

function whyNotPushed(output: GitOutput, url: string): AppError {
  const said = output.stderr;
  if (/returned error: 3\d\d/.test(said)) {
    return new AppError('server-redirects', `${url} redirects; a token is never sent on to another address`, {
      remedy: 'use the address it redirects to',
    });
  }
  if (/returned error: 429/.test(said)) return new AppError('throttled', `${url} throttles this user`, { remedy: 'wait, and push again' });
  if (/returned error: 40[13]|Authentication failed|could not read Username/.test(said)) {
    return new AppError('token-rejected', `${url} refused the credential for writing`, {
      remedy: 'use a token with write rights for this repo',
    });
  }
  if (/repository .* not found|returned error: 404/.test(said))
    return new AppError('repo-not-found', `${url} does not exist, or this token may not see it`);
  if (/SSL certificate problem|server certificate verification failed/.test(said)) {
    return new AppError('server-certificate', `the certificate of ${url} is signed by nobody this machine trusts`, {
      remedy: 'add the server again with --ca FILE',
    });
  }
  if (/Failed to connect|Could not resolve host|Connection refused/.test(said))
    return new AppError('server-unreachable', `${url} cannot be reached`);
  return gitFailed(`push to ${url}`, { ...output, stderr: quotable(said) });
}
