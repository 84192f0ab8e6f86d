import { metadataKinds, type MetadataKind } from '@gitprotect/shared/metadata';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sampleValues } from '../../bitbucket/metadata/sample-values.ts';
import { compareKind } from './compare.ts';
import { normalise } from './normalise.ts';

const kinds = Object.keys(sampleValues) as (keyof typeof sampleValues)[];
const compared = metadataKinds.filter((kind) => normalise(kind, sampleValues[kind as keyof typeof sampleValues], 'repo') !== null);
const levelOf = (kind: MetadataKind) => ((['avatar', 'default-permissions'] as MetadataKind[]).includes(kind) ? 'project' : 'repo');

/** The same, with every list turned round and every number that only one server knows replaced. */
function elsewhere(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(elsewhere).toReversed();
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toReversed()
      .map(([name, inner]) => [
        name,
        (name === 'id' || name === 'resourceId') && typeof inner === 'number' ? inner + 1000 : elsewhere(inner),
      ]),
  );
}

test('there is a sample of every kind that is compared, and each has something to compare', () => {
  expect(compared.filter((kind) => !(kinds as string[]).includes(kind))).toEqual([]);
  for (const kind of kinds) expect([kind, normalise(kind, sampleValues[kind], levelOf(kind))?.items.length]).not.toEqual([kind, 0]);
});

describe.each(kinds)('%s', (kind) => {
  const value: unknown = sampleValues[kind];
  const level = levelOf(kind);
  const items = normalise(kind, value, level)?.items ?? [];

  test('is like itself, and like the same on another server', () => {
    expect(compareKind(kind, value, value, level)).toEqual([]);
    expect(compareKind(kind, value, elsewhere(value), level)).toEqual([]);
    expect(compareKind(kind, elsewhere(value), value, level)).toEqual([]);
  });

  test('names what is missing', () => {
    const nothing = Array.isArray(value) ? [] : kind === 'lfs' || kind === 'fork-sync' ? { enabled: false } : {};
    const whats = items.map(({ what }) => what);
    const missing = compareKind(kind, value, nothing, level).filter(({ difference }) => difference !== 'extra');
    expect(missing.map(({ what }) => what)).toEqual(whats);
  });

  test('takes whatever a backup may hold without falling over', () => {
    fc.assert(
      fc.property(fc.anything({ withNullPrototype: true }), fc.integer({ min: 0, max: 1000 }), (wrong, place) => {
        const changed = withField(value, place, wrong);
        for (const odd of [wrong, changed]) {
          for (const at of ['repo', 'project'] as const) {
            normalise(kind, odd, at);
            compareKind(kind, value, odd, at);
          }
        }
      }),
      { numRuns: 60 },
    );
  });
});

/** The value with one of its fields or entries, deep down, replaced. */
function withField(value: unknown, place: number, wrong: unknown): unknown {
  if (typeof value !== 'object' || value === null) return wrong;
  const names = Object.keys(value);
  const name = names[place % (names.length + 1)];
  if (name === undefined) return wrong;
  const inner = withField((value as Record<string, unknown>)[name], Math.floor(place / 3), wrong);
  return Array.isArray(value) ? value.with(Number(name), inner) : { ...value, [name]: inner };
}

test.each([
  ['branch-restrictions', 'users', [], 'branch restriction “no-deletes” on “main”'],
  ['webhooks', 'active', false, 'webhook “ci”'],
  ['webhooks', 'events', ['pr:opened'], 'webhook “ci”'],
  ['reviewer-groups', 'description', 'others', 'reviewer group “backend”'],
  ['default-reviewers', 'requiredApprovals', 2, 'default reviewers from any branch to “main”'],
  ['access-keys', 'permission', 'REPO_WRITE', 'access key “deploy”'],
] as const)('%s: a changed %s differs', (kind, field, changed, what) => {
  const value = sampleValues[kind];
  const [first, ...rest] = value;
  expect(compareKind(kind, value, [{ ...first, [field]: changed }, ...rest], 'repo')).toEqual([{ what, difference: 'differs' }]);
});

test('what the server has beyond the snapshot is extra in a list', () => {
  expect(compareKind('labels', [], [{ name: 'new' }], 'repo')).toEqual([{ what: 'label “new”', difference: 'extra' }]);
});

test('two equal things are not one', () => {
  const hook = sampleValues.webhooks[0];
  expect(compareKind('webhooks', [hook, hook], [hook], 'repo')).toEqual([{ what: 'webhook “ci”', difference: 'missing' }]);
});

test('what a repo has from its project is no difference of the repo', () => {
  const inherited = { ...sampleValues['branch-restrictions'][0], scope: { type: 'PROJECT', resourceId: 3 } };
  expect(compareKind('branch-restrictions', [inherited], [], 'repo')).toEqual([]);
  expect(compareKind('branch-restrictions', [inherited], [], 'project')).not.toEqual([]);
});

test('nothing of a secret is named', () => {
  const secret = { name: '', url: 'https://ci:hunter2@ci.example.com/?token=hunter2', events: ['a'], configuration: { secret: 'hunter2' } };
  expect(JSON.stringify(compareKind('webhooks', [secret], [], 'repo'))).not.toContain('hunter2');
});
