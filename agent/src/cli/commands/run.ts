import { AppError, exitCode, isErrorCode } from '@gitprotect/shared/errors';
import { formatBytes, formatCount, formatDuration } from '@gitprotect/shared/format';
import type { Job, Run, RunDetail } from '@gitprotect/shared/run';
import { upkeepWords } from '@gitprotect/shared/upkeep';
import type { Command, Context, Session } from '../command.ts';
import { asId, planNamed } from '../resolve.ts';
import { proofWords } from '../proof-words.ts';
import { notPermittedLines, outcomeWords } from '../outcome-words.ts';
import { serviceLines } from '../run-words.ts';
import { bad, good, table, warning, type Cell } from '../terminal.ts';

export const runCommands: readonly Command[] = [
  {
    name: 'run',
    usage: 'NAME [--wait] [--ignore-window]',
    summary: 'run a plan now; --wait shows its progress and its result',
    options: { wait: { type: 'boolean' }, 'ignore-window': { type: 'boolean' } },
    takes: [1, 1],
    run: async (context, args) => {
      const session = await context.session();
      const plan = await planNamed(session.call, args.word(0));
      // Without an agent the run lives in this process: there is nobody to leave it to.
      const wait = args.flag('wait') || session.mode === 'in-process';
      const end = wait ? watch(session, context) : undefined;
      const run = await session.call('run.start', { planId: plan.id, ignoreWindow: args.flag('ignore-window') });
      if (end === undefined) {
        context.terminal.result(run, `started ${run.id}; watch it: gitprotect-agent runs ${run.id}`);
        return 0;
      }
      const detail = await end(run.id);
      context.terminal.result(detail, describe(detail, context.now()));
      // An agent looks after the storage by itself; here nobody else would.
      const kept = session.mode === 'agent' || context.signal.aborted || (await lookAfter(session, context));
      return exitCodeOf(detail) || (kept ? 0 : 4);
    },
  },
  {
    name: 'runs',
    usage: '[ID] [--plan NAME] [--limit N]',
    summary: 'the runs so far, or one of them repo by repo',
    options: { plan: { type: 'string' }, limit: { type: 'string' } },
    takes: [0, 1],
    run: async ({ session, terminal, now }, args) => {
      const { call } = await session();
      if (args.word(0) !== '') {
        const detail = await call('run.get', { id: asId(args.word(0), { word: 'run', list: 'runs' }) });
        terminal.result(detail, describe(detail, now()));
        return;
      }
      const name = args.text('plan');
      const planId = name === undefined ? undefined : (await planNamed(call, name)).id;
      const runs = await call('run.list', { planId, limit: args.count('limit') });
      const rows = runs.map((run) => [run.id, run.planName, run.startedAt, run.trigger, run.state, ...counts(run), formatBytes(run.bytes)]);
      terminal.result(
        runs,
        table(
          ['ID', 'PLAN', 'STARTED', 'TRIGGER', 'STATE', 'SAVED', 'UNCHANGED', 'FAILED', 'NEW'],
          rows,
          'no runs yet; start one: gitprotect-agent run NAME --wait',
        ),
      );
    },
  },
];

/** Copies, checks and the like, after the run. Whether all of it went well; what did not is said, and its next try is the next run's. */
async function lookAfter(session: Session, { terminal }: Context): Promise<boolean> {
  const failed = (await session.call('upkeep.run', {})).filter(({ state }) => state === 'failed');
  for (const { step, message, remedy } of failed)
    terminal.note(`${bad('!')} ${upkeepWords[step]}: ${message}${remedy === null ? '' : `\n  → ${remedy}`}`);
  return failed.length === 0;
}

/** Follows a run by the agent's events, from before it is started. */
function watch(session: Session, { terminal, signal }: Context): (runId: string) => Promise<RunDetail> {
  const ended = new Set<string>();
  let wake: (() => void) | undefined;
  const stop = session.on('run.progress', ({ run, job }) => {
    terminal.progress(progressLine(run, job));
    if (run.state === 'running') return;
    ended.add(run.id);
    wake?.();
  });
  const agent = { gone: false };
  void session.closed.then(() => {
    agent.gone = true;
    return wake?.();
  });
  return async (runId) => {
    const cancel = () => void session.call('run.cancel', { id: runId }).catch(() => undefined);
    signal.addEventListener('abort', cancel, { once: true });
    try {
      while (!ended.has(runId) && !agent.gone) await new Promise<void>((resolve) => (wake = resolve));
      if (!ended.has(runId)) throw agentGone(runId);
      return await session.call('run.get', { id: runId });
    } finally {
      signal.removeEventListener('abort', cancel);
      stop();
    }
  };
}

function agentGone(runId: string): AppError {
  return new AppError('connection-lost', 'the agent ended while this command waited for its run', {
    remedy: `see how far it came: gitprotect-agent runs ${runId}; what is missing is saved by the next run`,
  });
}

function progressLine(run: Run, job: Job | null): string {
  const done = Object.values(run.counts).reduce((sum, count) => sum + count, 0);
  const now =
    job === null || job.phase === 'done'
      ? ''
      : ` · ${job.projectKey}/${job.slug}${job.received > 0 ? ` ${formatBytes(job.received)}` : ''}${waitWords(job)}`;
  return `${run.planName}: ${done} of ${formatCount(run.repos, 'repository', 'repositories')} · ${formatBytes(run.bytes)}${now}`;
}

function waitWords({ outcome }: Job): string {
  return outcome?.state === 'throttled' ? ` waits until ${outcome.until.slice(11, 19)} UTC: every user is throttled` : '';
}

function counts({ counts: { saved, unchanged, failed, throttled } }: Run): Cell[] {
  return [saved, unchanged, failed + throttled];
}

function describe(run: RunDetail, now: number): string {
  const rows = run.jobs.map((job) => [
    `${job.projectKey}/${job.slug}`,
    job.outcome?.state ?? job.phase,
    job.doneIn === undefined ? (job.outcome === null ? '' : outcomeWords(job.outcome)) : `done by ${job.doneIn}`,
    job.requests,
    job.startedAt === null || job.endedAt === null ? null : formatDuration(Date.parse(job.endedAt) - Date.parse(job.startedAt)),
    proofWords(job.proof, now),
  ]);
  const carried = run.jobs.filter(({ doneIn }) => doneIn !== undefined).length;
  const took = run.endedAt === null ? '' : ` in ${formatDuration(Date.parse(run.endedAt) - Date.parse(run.startedAt))}`;
  const paint =
    run.state === 'succeeded'
      ? good
      : run.state === 'running'
        ? (text: string) => text
        : run.state === 'partial' || run.state === 'paused'
          ? warning
          : bad;
  return [
    table(['REPOSITORY', 'OUTCOME', '', 'REQUESTS', 'TIME', 'PROVEN'], rows, 'no repositories'),
    ...serviceLines(run),
    ...notPermittedLines(run.jobs),
    ...(run.notices ?? []).map((one) => warning(`· ${one}`)),
    ...run.problems.map((one) => bad(`! ${one.message}${one.remedy === undefined ? '' : ` – ${one.remedy}`}`)),
    ...(run.state === 'paused' ? [warning(pausedWords(run))] : []),
    ...(run.continues === undefined ? [] : [`went on from ${run.continues}${carried > 0 ? `, which had done ${carried} of these` : ''}`]),
    `${run.planName} ${paint(run.state)}${took}: ${run.counts.saved} saved, ${run.counts.unchanged} unchanged, ${run.counts.failed + run.counts.throttled} failed, ${formatBytes(run.bytes)} new, ${formatCount(run.requests, 'request')}`,
  ].join('\n');
}

function pausedWords({ jobs }: RunDetail): string {
  const left = jobs.filter(({ phase }) => phase === 'waiting').length;
  return `its window is over: ${formatCount(left, 'repository waits', 'repositories wait')}, and the run goes on by itself when it opens`;
}

/** 0 all well, 3 some repos failed; a run that failed as a whole exits by what stopped it, where that has a code of its own. */
function exitCodeOf(run: RunDetail): number {
  if (run.state === 'succeeded') return 0;
  if (run.state === 'partial' || run.state === 'paused') return 3;
  const codes = run.problems.map(({ code }) => (isErrorCode(code) ? exitCode(code) : 1));
  // A storage that went away in the middle is the cause of each repo's failure, and what a person must see to.
  const special = codes.find((code) => code > 1);
  return special ?? (run.counts.failed + run.counts.throttled > 0 ? 3 : 1);
}
