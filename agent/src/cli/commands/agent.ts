import { formatAgo, formatBytes, formatCount, formatDuration } from '@gitprotect/shared/format';
import type { AgentStatus } from '@gitprotect/shared/status';
import type { Command } from '../command.ts';
import { summaryWords } from '../proof-words.ts';
import { oneOf } from '../resolve.ts';
import { bad, good, sheet, table, warning } from '../terminal.ts';

export const agentCommands: readonly Command[] = [
  {
    name: 'status',
    usage: '',
    summary: 'how the agent is, and what needs you',
    takes: [0, 0],
    run: async ({ session, terminal, now }) => {
      const { call, mode } = await session();
      const status = await call('agent.status', {});
      const running = mode === 'agent';
      terminal.result({ ...status, agentRunning: running }, describe(status, running, now()));
      return 0;
    },
  },
  {
    name: 'pair',
    usage: '',
    summary: 'let a browser extension in: prints the code to paste there',
    takes: [0, 0],
    run: async ({ session, terminal, now }) => {
      const { call } = await session('agent');
      const pairing = await call('pairing.open', {});
      terminal.result(pairing, pairing.code);
      terminal.note(
        `Paste this into the extension: click GitProtect in the browser's toolbar, then Pair. It works once, within ${formatDuration(Date.parse(pairing.expiresAt) - now())}.`,
      );
    },
  },
  {
    name: 'pairing list',
    usage: '',
    summary: 'the browsers that may talk to this agent',
    takes: [0, 0],
    run: async ({ session, terminal }) => {
      const { call } = await session();
      const pairings = await call('pairing.list', {});
      const rows = pairings.map((one) => [one.id, one.name, one.kind, one.origin, one.createdAt, one.lastSeenAt]);
      terminal.result(
        pairings,
        table(['ID', 'NAME', 'KIND', 'ORIGIN', 'PAIRED', 'LAST SEEN'], rows, 'no browser is paired; pair one: gitprotect-agent pair'),
      );
    },
  },
  {
    name: 'pairing remove',
    usage: 'ID',
    summary: 'shut a browser out',
    takes: [1, 1],
    run: async ({ session, terminal }, args) => {
      const { call } = await session();
      const { id, name } = oneOf(await call('pairing.list', {}), args.word(0), { word: 'paired browser', list: 'pairing list' });
      await call('pairing.remove', { id });
      terminal.result({ id }, `removed ${name}: it can no longer connect`);
    },
  },
  {
    name: 'vault unlock',
    usage: '',
    summary: 'give a running agent the passphrase of its vault, from standard input',
    takes: [0, 0],
    run: async ({ session, terminal }) => {
      const { call } = await session('agent');
      await call('vault.unlock', { passphrase: await terminal.readInput('the passphrase') });
      terminal.result({ locked: false }, 'the vault is unlocked');
    },
  },
];

function describe(status: AgentStatus, running: boolean, now: number): string {
  const { counts, vault, storage } = status;
  const lines = [
    sheet([
      [
        'agent',
        running
          ? good(`running on port ${status.port}, started ${formatAgo(Date.parse(status.startedAt), now)}`)
          : warning('not running; start it: gitprotect-agent start'),
      ],
      ['version', status.version],
      ['home', status.home],
      ['vault', `${vault.kind}${vault.locked ? bad(' (locked)') : ''}`],
      ['storage', `${storage.place}${storage.freeBytes === null ? '' : `, ${formatBytes(storage.freeBytes)} free`}`],
      [
        'knows',
        [
          formatCount(counts.servers, 'server'),
          formatCount(counts.projects, 'project'),
          formatCount(counts.credentials, 'credential'),
          formatCount(counts.plans, 'plan'),
          formatCount(counts.snapshots, 'snapshot'),
        ].join(', '),
      ],
      ['proven', summaryWords(status.proof, now)],
      ...status.upkeep
        .filter(({ state }) => state === 'done')
        .map(({ step, startedAt, message }): [string, string] => [step, `${message}, ${formatAgo(Date.parse(startedAt), now)}`]),
    ]),
    ...(vault.warning === null ? [] : [warning(`! ${vault.warning}`)]),
    ...(storage.problem === null ? [] : [bad(`! ${storage.problem}`)]),
    ...status.needs.map((need) => warning(`! ${need.message}${need.remedy === null ? '' : ` – ${need.remedy}`}`)),
  ];
  return lines.join('\n');
}
