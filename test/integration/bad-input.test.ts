import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { command, startAgent, type AgentProcess } from '../command-line.ts';
import { prepare, type Prepared } from './prepared-home.ts';
import { expectRefusal, type Refusal } from './refusal.ts';

/** What people mistype: each command says which word is wrong and what to write instead, with an agent running and without. */
let world: Prepared;
/** No agent runs here. */
let alone: string;
/** One runs here. */
let served: string;
let agent: AgentProcess;

beforeAll(async () => {
  world = await prepare();
  [alone, served] = [world.home(), world.home()];
  agent = await startAgent(served);
  mkdirSync(join(world.root, 'full'));
  writeFileSync(join(world.root, 'full', 'theirs'), 'theirs');
});
afterAll(async () => {
  await agent[Symbol.asyncDispose]();
  await world[Symbol.asyncDispose]();
});

type Case = readonly [what: string, args: string, refusal: Omit<Refusal, 'args'>];

/** Words of a command line; `{}` marks what stands in quotes there. */
const words = (line: string): string[] => (line.match(/\{[^}]*\}|\S+/g) ?? []).map((word) => word.replace(/^\{|\}$/g, ''));

const mistyped: Case[] = [
  ['an unknown command', 'projects list', { code: 'bad-request', says: 'projects list', remedy: 'project list' }],
  ['a mistyped command', 'statsu', { code: 'bad-request', says: 'statsu', remedy: 'status' }],
  ['a mistyped second word', 'plan lsit', { code: 'bad-request', says: 'plan lsit', remedy: 'plan list' }],
  ['nothing like a command', 'xyzzy', { code: 'bad-request', says: 'xyzzy', remedy: '--help' }],
  ['an unknown option', 'status --verbose', { code: 'bad-request', says: '--verbose', remedy: 'usage: gitprotect-agent status' }],
  [
    'an option without its value',
    'plan add x --project',
    { code: 'bad-request', says: '--project', remedy: 'usage: gitprotect-agent plan add NAME' },
  ],
  ['a missing word', 'plan add --project ORCH', { code: 'bad-request', says: 'plan add', remedy: 'usage: gitprotect-agent plan add NAME' }],
  ['a word too many', 'run nightly weekly', { code: 'bad-request', says: 'weekly', remedy: 'usage: gitprotect-agent run NAME' }],
  ['an unknown option of start', 'start --prot 1', { code: 'bad-request', says: '--prot', remedy: 'usage: gitprotect-agent start' }],
  ['a word after start', 'start now', { code: 'bad-request', says: 'now', remedy: 'usage: gitprotect-agent start' }],
  ['a port that is no number', 'start --port web', { code: 'config-invalid', says: '--port', remedy: 'correct the setting' }],
  ['an unknown vault', 'start --vault safe', { code: 'config-invalid', says: /--vault.*keychain/, remedy: 'correct the setting' }],
];

const unknown: Case[] = [
  ['project to remove', 'project remove BARN', { code: 'not-found', says: 'BARN', remedy: 'project list' }],
  ['server', 'server remove https://other.example.com', { code: 'not-found', says: 'other.example.com', remedy: 'http://127.0.0.1:' }],
  [
    'server of a credential',
    'credential add --server https://other.example.com --token-stdin',
    { code: 'not-found', says: 'other.example.com', remedy: 'server add' },
  ],
  ['plan', 'run weekly', { code: 'not-found', says: 'weekly', remedy: 'nightly' }],
  ['plan to remove', 'plan remove weekly', { code: 'not-found', says: 'weekly', remedy: 'nightly' }],
  [
    'credential to remove',
    'credential remove credential-nowhere',
    { code: 'not-found', says: 'credential-nowhere', remedy: 'credential list' },
  ],
  ['credential to test', 'credential test {no such}', { code: 'not-found', says: 'no such', remedy: 'credential list' }],
  [
    'credential of a plan',
    'plan credentials nightly --enable credential-nowhere',
    { code: 'not-found', says: 'credential-nowhere', remedy: 'credential list' },
  ],
  ['run', 'runs run-nowhere', { code: 'not-found', says: 'run-nowhere', remedy: 'gitprotect-agent runs' }],
  ['repo', 'restore ORCH/none --to-folder /tmp/never-made', { code: 'not-found', says: 'ORCH/none', remedy: 'gitprotect-agent snapshots' }],
  ['pairing', 'pairing remove pairing-nowhere', { code: 'not-found', says: 'pairing-nowhere', remedy: 'pairing list' }],
];

const senseless: Case[] = [
  ['a project key with odd characters', 'project add {OR CH;rm}', { code: 'bad-request', says: 'OR CH;rm', remedy: 'projects/KEY' }],
  ['a project key of dots', 'project add ../..', { code: 'not-found', says: '..', remedy: 'server add' }],
  ['the address of no project', 'project add {URL}/dashboard', { code: 'bad-request', says: 'dashboard', remedy: 'projects/KEY' }],
  [
    'an address that does not decode',
    'project add {URL}/projects/%E0%A4%A',
    { code: 'bad-request', says: '%E0%A4%A', remedy: 'projects/KEY' },
  ],
  ['a plan without projects', 'plan add empty', { code: 'plan-empty', says: 'empty', remedy: 'at least one project' }],
  [
    'a plan of a name that is taken',
    'plan add nightly --project ORCH',
    { code: 'already-exists', says: 'nightly', remedy: 'another name' },
  ],
  ['a plan without a name', 'plan add {} --project ORCH', { code: 'bad-request', says: 'name must not be empty', remedy: 'try again' }],
  [
    'a plan name over two lines',
    'plan add {one\ntwo} --project ORCH',
    { code: 'bad-request', says: 'name must be one line', remedy: 'try again' },
  ],
  [
    'a schedule in words',
    'plan add a --project ORCH --schedule {every night}',
    { code: 'bad-schedule', says: 'every night', remedy: '0 2 * * *' },
  ],
  [
    'a schedule of six fields',
    'plan add a --project ORCH --schedule {0 0 2 * * *}',
    { code: 'bad-schedule', says: 'five fields', remedy: '0 2 * * *' },
  ],
  [
    'a schedule with an hour 25',
    'plan add a --project ORCH --schedule {0 25 * * *}',
    { code: 'bad-schedule', says: '0 25', remedy: '0 2 * * *' },
  ],
  [
    'a schedule that never comes due',
    'plan add a --project ORCH --schedule {0 2 31 2 *}',
    { code: 'bad-schedule', says: 'never comes due', remedy: 'day and month' },
  ],
  [
    'a time zone that is none',
    'plan add a --project ORCH --schedule {0 2 * * *} --time-zone Mars/Base',
    { code: 'bad-schedule', says: 'Mars/Base', remedy: 'Europe/Warsaw' },
  ],
  [
    'both a schedule and none',
    'plan add a --project ORCH --schedule {0 2 * * *} --manual',
    { code: 'bad-request', says: '--manual', remedy: 'one of the two' },
  ],
  [
    'a number that is none',
    'plan add a --project ORCH --keep-daily many',
    { code: 'bad-request', says: /--keep-daily.*many/, remedy: '--keep-daily 7' },
  ],
  [
    'a number beyond all bounds',
    'plan add a --project ORCH --keep-daily 99999',
    { code: 'bad-request', says: 'keep.daily must not be more than 10,000', remedy: 'try again' },
  ],
  [
    'both switch positions',
    'plan credentials nightly --on --off',
    { code: 'bad-request', says: '--on and --off', remedy: 'one of the two' },
  ],
  ['an edit that changes nothing', 'plan edit nightly', { code: 'bad-request', says: 'nothing to change', remedy: '--help' }],
  [
    'a snapshot that is none',
    'restore ORCH/core --snapshot {../../x} --to-folder /tmp/never-made',
    { code: 'not-found', says: '../../x', remedy: 'gitprotect-agent snapshots' },
  ],
  [
    'a time that is none',
    'restore ORCH/core --at yesterday --to-folder /tmp/never-made',
    { code: 'bad-request', says: 'yesterday', remedy: /2026-03-01T12:00:00Z/ },
  ],
  ['a repo that is none', 'restore core --to-folder /tmp/never-made', { code: 'bad-request', says: 'core', remedy: 'PROJECT/repo' }],
  ['a restore to nowhere', 'restore ORCH/core', { code: 'bad-request', says: 'place to restore to', remedy: '--to-folder DIR' }],
  ['no token', 'credential add --token-stdin', { code: 'bad-request', says: 'token', remedy: 'pipe it in' }],
];

const refused = async (home: string, line: string, refusal: Omit<Refusal, 'args'>) =>
  expectRefusal(home, { ...refusal, args: words(line.replace('{URL}', world.bitbucket.url)) });

describe('without an agent', () => {
  // A home each: commands without an agent wait for each other, and not for ever.
  test.concurrent.each([...mistyped, ...unknown, ...senseless])('%s is refused', async (_, line, refusal) =>
    refused(world.home(), line, refusal),
  );
});

describe('with an agent', () => {
  test.concurrent.each(unknown)('an unknown %s is refused', async (_, line, refusal) => refused(served, line, refusal));
});

test('a project that nobody sees yet is added, and said to be unseen', async () => {
  const { stderr, exitCode } = await command(world.home(), ['project', 'add', 'NONE']);
  expect(exitCode).toBe(0);
  expect(stderr).toMatch(/NONE: No credential sees it yet, .*check its key/);
});

test('words for people go to standard error, and standard output stays empty', async () => {
  const { stdout, stderr, exitCode } = await command(alone, ['run', 'weekly']);
  expect({ stdout, exitCode }).toEqual({ stdout: '', exitCode: 1 });
  expect(stderr).toMatch(/error there is no plan “weekly”.*\n {2}→ /);
});
