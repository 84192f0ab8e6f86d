import type { Credential } from '@gitprotect/shared/credential';
import type { Snapshot } from '@gitprotect/shared/snapshot';
import type { Scene } from './scene.ts';
import { at, coverage, credentials, nightly, pairings, projects, server, snapshots, status, weekly, windowed } from './orchard.ts';
import { guarded, retention } from './orchard-retention.ts';
import { planned, restored } from './orchard-restores.ts';
import { forecasts, liveDetail, liveRun, pastDetail, pausedDetail, runs, waitingDetail, wideDetail } from './orchard-runs.ts';

const connected = { state: 'connected', port: 7717 } as const;

const [, newToken] = credentials as [Credential, Credential];
const [newest] = snapshots as [Snapshot];

/** All is set up, and one repo is not covered. */
const usual: Scene = {
  connection: connected,
  sites: [{ url: server.url, permitted: true }],
  answers: {
    'agent.status': status,
    'server.list': [server],
    'project.list': projects,
    'project.coverage': coverage,
    'project.available': [
      { key: 'ORCH', name: 'Orchard', added: true },
      { key: 'PAY', name: 'Payments', added: false },
      { key: 'WEB', name: 'Web', added: false },
      { key: '~jane', name: 'Jane Doe', added: false },
    ],
    'credential.list': credentials,
    'plan.list': [nightly, weekly],
    'plan.forecast': forecasts.usual,
    'run.list': runs,
    'run.get': pastDetail,
    'snapshot.list': snapshots,
    'pairing.list': pairings,
    'retention.get': retention,
    'guard.list': [],
  },
};

export const scenes = {
  usual,
  running: {
    ...usual,
    answers: {
      ...usual.answers,
      'plan.list': [
        { ...nightly, running: 'r9', lastRun: { id: 'r9', state: 'running', startedAt: liveRun.startedAt, endedAt: null } },
        weekly,
      ],
      'run.list': [liveRun, ...runs],
      'run.get': liveDetail,
    },
    events: liveDetail.jobs
      .filter(({ phase }) => phase === 'running')
      .map((job) => ({ name: 'run.progress', body: { run: liveRun, job } })),
  },
  waiting: {
    ...usual,
    answers: {
      ...usual.answers,
      'plan.list': [
        { ...nightly, running: 'r9', lastRun: { id: 'r9', state: 'running', startedAt: liveRun.startedAt, endedAt: null } },
        weekly,
      ],
      'run.list': [liveRun, ...runs],
      'run.get': waitingDetail,
    },
    events: waitingDetail.jobs
      .filter(({ phase }) => phase === 'running')
      .map((job) => ({ name: 'run.progress', body: { run: liveRun, job } })),
  },
  paused: {
    ...usual,
    answers: {
      ...usual.answers,
      'plan.list': [windowed, weekly],
      'plan.forecast': forecasts.tooLong,
      'run.list': [pausedDetail, ...runs],
      'run.get': pausedDetail,
    },
  },
  thousands: { ...usual, answers: { ...usual.answers, 'run.list': [liveRun, ...runs], 'run.get': wideDetail } },
  unpaired: { ...usual, connection: { state: 'unpaired' }, answers: {} },
  offline: {
    ...usual,
    connection: {
      state: 'offline',
      port: 7717,
      lastSeen: {
        at: at(-7_200_000),
        plans: [
          { name: 'Nightly', lastRun: { state: 'succeeded', startedAt: at(-30_000_000) } },
          { name: 'Weekly full check', lastRun: null },
        ],
      },
    },
    answers: {},
  },
  impostor: { ...usual, connection: { state: 'not-your-agent', port: 7717 }, answers: {} },
  mismatch: {
    ...usual,
    connection: {
      state: 'refused',
      error: {
        code: 'protocol-version',
        message: 'the agent speaks version 2 of the protocol, this extension version 1',
        remedy: 'update the extension',
      },
    },
    answers: {},
  },
  loading: {
    connection: connected,
    answers: Object.fromEntries(Object.keys(usual.answers).map((method) => [method, 'wait' as const])),
  },
  failing: {
    connection: connected,
    answers: Object.fromEntries(
      Object.keys(usual.answers).map((method) => [
        method,
        {
          refused: {
            code: 'database-corrupt' as const,
            message: 'the database cannot be read',
            remedy: 'restart the agent and look in its log',
          },
        },
      ]),
    ),
  },
  fresh: {
    connection: connected,
    answers: {
      'agent.status': {
        ...status,
        vault: {
          kind: 'key-file',
          locked: false,
          warning: 'the vault’s key lies in a file beside it: whoever can read your files can read the tokens',
        },
        storage: { id: null, place: '/home/ops/.local/share/gitprotect/storage', freeBytes: 81_000_000_000, problem: null },
        counts: { servers: 0, projects: 0, credentials: 0, plans: 0, snapshots: 0 },
        needs: [],
      },
      'server.list': [],
      'project.list': [],
      'credential.list': [],
      'plan.list': [],
      'run.list': [],
      'snapshot.list': [],
      'pairing.list': pairings.slice(0, 1),
      'guard.list': [],
    },
  },
  added: {
    ...usual,
    answers: {
      ...usual.answers,
      'credential.add': {
        credential: newToken,
        known: false,
        sees: { projects: 3, repos: 12 },
        plans: [
          { id: 'n1', name: 'Nightly', projectKeys: ['ORCH', 'HARB'], enabled: false, own: false, sameUser: false },
          { id: 'n2', name: 'Weekly full check', projectKeys: ['ORCH'], enabled: false, own: false, sameUser: true },
        ],
      },
      'restore.start': {
        snapshot: newest,
        folder: '/home/ops/.local/share/gitprotect/restores/ORCH-core-00000020',
        refs: 812,
        differences: [],
        fsck: [],
        verified: true,
        bytes: 48_000_000,
        lfs: { objects: 12, missing: [] },
        records: 348,
        pullRequests: 311,
        milliseconds: 1830,
      },
    },
  },
  restoring: {
    ...usual,
    answers: { ...usual.answers, 'restore.to-server': 'wait' },
    events: [{ name: 'restore.progress', body: { id: 'x1', what: 'pull request #208', done: 31, of: 64 } }],
  },
  guarded: {
    ...usual,
    answers: { ...usual.answers, 'guard.list': guarded.guards, 'retention.get': guarded },
  },
  restorePlanned: { ...usual, answers: { ...usual.answers, 'restore.to-server': planned } },
  restoredToServer: { ...usual, answers: { ...usual.answers, 'restore.to-server': restored } },
  onBitbucket: {
    ...usual,
    sites: [],
    tab: { url: `${server.url}/plugins/servlet/access-tokens/manage`, title: 'HTTP access tokens - Bitbucket' },
  },
  troubled: {
    ...usual,
    answers: {
      ...usual.answers,
      'agent.status': {
        ...status,
        vault: { kind: 'sealed-file', locked: true, warning: 'the vault is locked: start the agent with --passphrase-file' },
        storage: { ...status.storage, freeBytes: null, problem: 'the storage folder is not there: is the disk mounted?' },
        needs: [
          ...status.needs,
          { message: 'the storage folder is not there', remedy: 'mount the disk', route: 'settings' },
          { message: '“ci-clone” expires in 6 days', remedy: 'create another token and add it', route: 'bitbucket/p1' },
        ],
      },
    },
  },
} satisfies Record<string, Scene>;
export type SceneName = keyof typeof scenes;
