import { isDeepStrictEqual } from 'node:util';
import { readers } from '@gitprotect/agent/bitbucket/metadata/all-readers';
import { cannedReader, firstRun, projectScope, repoScope, type CannedServer } from '@gitprotect/agent/bitbucket/metadata/canned';
import { AppError } from '@gitprotect/shared/errors';
import type { MetadataKind } from '@gitprotect/shared/metadata';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { recorded, referencePresent } from '../bitbucket/openapi.ts';
import { mutated } from './mutated.ts';

if (!referencePresent) console.warn('skipped: recorded answers are not beside the project (../shared/bitbucket)');

/** What the kind's reader asks first is answered with `answer`; what it asks about an item of that, with `about`. */
interface Recording {
  readonly level: 'repo' | 'project';
  readonly kind: MetadataKind;
  readonly answer: string;
  readonly about?: string;
}

const of = (level: Recording['level'], kind: MetadataKind, ...answers: readonly string[]): Recording[] =>
  answers.map((answer) => ({ level, kind, answer }));

const recordings: readonly Recording[] = [
  ...of('project', 'details', 'bitbucket-rest/project'),
  ...of('repo', 'details', 'bitbucket-rest/repository', 'bitbucket-rest/repository-fork', 'go-scm/repo'),
  ...of('repo', 'branch-model', 'bitbucket-rest/branch-model-configuration'),
  ...of('repo', 'branch-restrictions', 'bitbucket-rest/branch-permission-list'),
  ...of('repo', 'default-reviewers', 'bitbucket-rest/default-reviwers-list'),
  ...of('repo', 'webhooks', 'bitbucket-rest/repository-webhook-page', 'bitbucket-rest/postwebhooks-list'),
  ...of('repo', 'labels', 'bitbucket-rest/repository-labels', 'bitbucket-rest/labels-list'),
  ...of('repo', 'pull-request-settings', 'bitbucket-rest/pull-request-settings'),
  ...of('project', 'user-permissions', 'bitbucket-rest/project-permission-users'),
  ...of('project', 'group-permissions', 'bitbucket-rest/project-permission-group'),
  ...of('repo', 'user-permissions', 'bitbucket-rest/repository-permission-users'),
  ...of('repo', 'group-permissions', 'bitbucket-rest/repository-permission-group'),
  ...of('project', 'access-keys', 'bitbucket-rest/accesskeys-list-by-project'),
  ...of('repo', 'access-keys', 'bitbucket-rest/accesskeys-list-by-repository', 'bitbucket-rest/accesskeys-list-empty'),
  ...of('repo', 'fork-sync', 'bitbucket-rest/sync-enabled'),
  { level: 'repo', kind: 'hooks', answer: 'bitbucket-rest/repository-hooks', about: 'bitbucket-rest/hook-settings' },
  { level: 'repo', kind: 'pull-requests', answer: 'bitbucket-rest/pull-request-page', about: 'bitbucket-rest/pull-request-activities' },
  { level: 'repo', kind: 'pull-requests', answer: 'go-scm/prs', about: 'bitbucket-rest/pull-request-activities' },
];

const refusals = [
  'bitbucket-rest/branch-model-configuration-error',
  'bitbucket-rest/branch-permission-list-error',
  'bitbucket-rest/project-not-exist',
  'bitbucket-rest/project-permission-users-error',
  'bitbucket-rest/pull-request-activities-error',
  'bitbucket-rest/pull-request-page-error',
  'bitbucket-rest/pull-request-settings-error',
  'bitbucket-rest/repository-hook-error',
  'bitbucket-rest/repository-not-exist',
];

/** Reads what `server` answers: the values, or why not. Anything but an `AppError` is thrown on. */
async function outcome(level: Recording['level'], kind: MetadataKind, server: CannedServer): Promise<unknown[] | AppError> {
  const reader = readers.find((one) => one.kind === kind && one.operations[level] !== undefined);
  if (reader === undefined) throw new TypeError(`no reader of ${kind}`);
  const values: unknown[] = [];
  try {
    const { reader: from } = cannedReader(server);
    for await (const record of reader.read(from, level === 'repo' ? repoScope : projectScope, firstRun)) {
      if ('value' in record) values.push(record.value);
    }
    return values;
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
}

/** The items of a list, or the one thing it is. */
function itemsOf(body: unknown): readonly unknown[] {
  if (Array.isArray(body)) return body;
  const values = typeof body === 'object' && body !== null && 'values' in body ? body.values : undefined;
  return Array.isArray(values) ? values : [body];
}

const holds = (whole: unknown, part: unknown): boolean =>
  isDeepStrictEqual(whole, part) ||
  (typeof whole === 'object' && whole !== null && Object.values(whole).some((inner) => holds(inner, part)));

/** Two bodies for a recording: `sent` collects what was really asked for. */
function serve({ kind }: Recording, [first, about]: readonly [unknown, unknown], sent: unknown[]): CannedServer {
  const isAbout = (path: string): boolean =>
    (kind === 'hooks' && path.endsWith('/settings')) || (kind === 'pull-requests' && path.endsWith('/activities'));
  return (path) => {
    if (path.includes('/attachments/')) return undefined;
    const body = isAbout(path) ? about : first;
    sent.push(body);
    return { json: body };
  };
}

describe.skipIf(!referencePresent)('recorded answers', () => {
  test.each(recordings)('$answer is read as $kind of a $level, with all that was sent', async (recording) => {
    const bodies = [recorded(recording.answer), recorded(recording.about ?? recording.answer)] as const;
    const sent: unknown[] = [];
    const values = await outcome(recording.level, recording.kind, serve(recording, bodies, sent));
    expect(sent.length).toBeGreaterThan(0);
    expect(values).toBeInstanceOf(Array);
    expect(sent.flatMap(itemsOf).filter((item) => !holds(values, item))).toEqual([]);
  });

  test.each(recordings)('$answer, mutated, is read as $kind of a $level with all that was sent, or refused in words', async (recording) => {
    const bodies = fc.tuple(mutated(recorded(recording.answer)), mutated(recorded(recording.about ?? recording.answer)));
    const outcomes = { read: 0, 'server-bad-answer': 0 };
    await fc.assert(
      fc.asyncProperty(bodies, async (pair) => {
        const sent: unknown[] = [];
        const values = await outcome(recording.level, recording.kind, serve(recording, pair, sent));
        const end = values instanceof AppError ? values.code : 'read';
        expect(Object.keys(outcomes)).toContain(end);
        const missing = values instanceof AppError ? [] : sent.flatMap(itemsOf).filter((item) => !holds(values, item));
        expect(missing).toEqual([]);
        outcomes[end === 'read' ? 'read' : 'server-bad-answer'] += 1;
      }),
      { numRuns: 150 },
    );
    // Most of what can be odd about an answer is no reason to refuse it.
    expect(outcomes.read).toBeGreaterThan(15);
  });

  test.each(refusals)('%s is a refusal to every reader', async (name) => {
    const asked = (['repo', 'project'] as const).flatMap((level) =>
      readers.filter(({ operations }) => operations[level] !== undefined).map(({ kind }) => [level, kind] as const),
    );
    // A switch of Git LFS that is not there is off.
    const known = asked
      .filter(([, kind]) => kind !== 'lfs')
      .flatMap(([level, kind]) => [401, 404].map((status) => ({ level, kind, status })));
    for (const { level, kind, status } of known) {
      expect(await outcome(level, kind, () => ({ status, json: recorded(name) })), `${kind} of a ${level}, ${status}`).toBeInstanceOf(
        AppError,
      );
    }
    expect(await outcome('repo', 'lfs', () => ({ status: 401, json: recorded(name) }))).toBeInstanceOf(AppError);
  });
});
