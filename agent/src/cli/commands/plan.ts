import { AppError } from '@gitprotect/shared/errors';
import { adviceOf, basisOf, estimateText } from '@gitprotect/shared/forecast';
import { formatCount } from '@gitprotect/shared/format';
import { groupNames, groupWords, kindGroups, leftOutOf, wordsOfKind } from '@gitprotect/shared/metadata';
import type { Plan } from '@gitprotect/shared/plan';
import { keepWords } from '@gitprotect/shared/retention';
import type { StorageView } from '@gitprotect/shared/storage';
import type { Arguments, Command } from '../command.ts';
import { backupWindow, copyTo, keep, leaveOut, schedule, settings, settingsUsage } from '../plan-settings.ts';
import { planNamed, projectNamed } from '../resolve.ts';
import { sheet, table, warning } from '../terminal.ts';

export const planCommands: readonly Command[] = [
  {
    name: 'plan add',
    usage: `NAME --project KEY ... ${settingsUsage}`,
    summary: 'make a backup plan',
    options: settings,
    takes: [1, 1],
    run: async ({ session, terminal }, args) => {
      const { call } = await session();
      const projectIds = [];
      for (const key of args.texts('project')) projectIds.push((await projectNamed(call, key)).id);
      const when = schedule(args, null) ?? null;
      const plan = await call('plan.add', {
        name: args.word(0),
        projectIds,
        schedule: when,
        window: backupWindow(args, { schedule: when, window: null }) ?? null,
        ...shareOf(args),
        keep: keep(args) ?? {},
        additional: { enabled: false, credentialIds: [] },
        leaveOut: leaveOut(args) ?? [],
        copyTo: (await copyTo(args, call)) ?? null,
      });
      terminal.result(plan, describe(plan, await call('storage.list', {})));
    },
  },
  {
    name: 'plan list',
    usage: '',
    summary: 'the plans, when they run next, and what is wrong with them',
    takes: [0, 0],
    run: async ({ session, terminal }) => {
      const { call } = await session();
      const plans = await call('plan.list', {});
      const rows = plans.map((plan) => [
        plan.name,
        plan.projectIds.length,
        plan.users,
        plan.nextDue,
        plan.lastRun?.state ?? null,
        plan.warnings.join('; '),
      ]);
      terminal.result(
        plans,
        table(
          ['NAME', 'PROJECTS', 'USERS', 'NEXT RUN', 'LAST RUN', ''],
          rows,
          'no plans yet; add one: gitprotect-agent plan add NAME --project KEY',
        ),
      );
    },
  },
  {
    name: 'plan forecast',
    usage: 'NAME',
    summary: 'what a daily and a full run will cost, and whether they fit into the window',
    takes: [1, 1],
    run: async ({ session, terminal }, args) => {
      const { call } = await session();
      const plan = await planNamed(call, args.word(0));
      const forecast = await call('plan.forecast', { id: plan.id });
      const { daily, full } = forecast;
      const lines = [
        ...(daily === null ? [] : [`a daily run: ${estimateText(daily)}`]),
        ...(full === null ? [] : [`a full run:  ${estimateText(full)}`]),
        ...adviceOf(forecast),
        basisOf(forecast),
      ];
      terminal.result({ ...forecast, advice: adviceOf(forecast) }, lines.join('\n'));
    },
  },
  {
    name: 'plan edit',
    usage: `NAME [--rename NAME] [--project KEY ...] ${settingsUsage}`,
    summary: 'change a plan; what is not named stays',
    options: { ...settings, rename: { type: 'string' } },
    takes: [1, 1],
    run: async ({ session, terminal }, args) => {
      const { call } = await session();
      const plan = await planNamed(call, args.word(0));
      const projectIds = [];
      for (const key of args.texts('project')) projectIds.push((await projectNamed(call, key)).id);
      const name = args.text('rename');
      const when = schedule(args, plan.schedule);
      const window = backupWindow(args, { ...plan, schedule: when ?? plan.schedule });
      const kept = keep(args);
      const left = leaveOut(args);
      const copy = await copyTo(args, call);
      const changes = {
        ...(name === undefined ? {} : { name }),
        ...(projectIds.length === 0 ? {} : { projectIds }),
        ...(when === undefined ? {} : { schedule: when }),
        ...(window === undefined ? {} : { window }),
        ...shareOf(args),
        ...(kept === undefined ? {} : { keep: { ...plan.keep, ...kept } }),
        ...(left === undefined ? {} : { leaveOut: left }),
        ...(copy === undefined ? {} : { copyTo: copy }),
      };
      if (Object.keys(changes).length === 0)
        throw new AppError('bad-request', 'nothing to change was given', { remedy: 'gitprotect-agent plan edit --help' });
      const edited = await call('plan.edit', { id: plan.id, changes });
      terminal.result(edited, describe(edited, await call('storage.list', {})));
    },
  },
  {
    name: 'plan remove',
    usage: 'NAME',
    summary: 'remove a plan; its backups stay',
    takes: [1, 1],
    run: async ({ session, terminal }, args) => {
      const { call } = await session();
      const plan = await planNamed(call, args.word(0));
      await call('plan.remove', { id: plan.id });
      terminal.result(plan, `removed “${plan.name}”; its backups stay in storage`);
    },
  },
  {
    name: 'plan credentials',
    usage: 'NAME [--on|--off] [--enable ID ...] [--disable ID ...]',
    summary: 'the Additional git credentials switch, and the accounts it applies to',
    options: {
      on: { type: 'boolean' },
      off: { type: 'boolean' },
      enable: { type: 'string', multiple: true },
      disable: { type: 'string', multiple: true },
    },
    takes: [1, 1],
    run: async ({ session, terminal }, args) => {
      if (args.flag('on') && args.flag('off'))
        throw new AppError('bad-request', '--on and --off exclude each other', { remedy: 'give one of the two' });
      const { call } = await session();
      const plan = await planNamed(call, args.word(0));
      const named = [...args.texts('enable'), ...args.texts('disable')];
      for (const id of named) {
        if (!plan.accounts.some((account) => account.credentialId === id)) {
          throw new AppError('not-found', `${id} is no account of a project of “${plan.name}”`, {
            remedy: 'list them: gitprotect-agent credential list',
          });
        }
      }
      const ids = new Set([...plan.additional.credentialIds, ...args.texts('enable')]);
      for (const id of args.texts('disable')) ids.delete(id);
      const enabled = args.flag('on') || (plan.additional.enabled && !args.flag('off'));
      const changed = named.length > 0 || args.flag('on') || args.flag('off');
      const shown = changed
        ? await call('plan.edit', { id: plan.id, changes: { additional: { enabled, credentialIds: [...ids] } } })
        : plan;
      terminal.result(shown, accounts(shown));
      if (!shown.additional.enabled && shown.additional.credentialIds.length > 0) {
        terminal.note(warning('The switch is off: the enabled accounts are not used. Turn it on with --on.'));
      }
    },
  },
];

function describe(plan: Plan, storages: readonly StorageView[]): string {
  const kept = keepWords(plan.keep);
  const rows = sheet([
    ['plan', plan.name],
    ['runs', plan.schedule === null ? 'by hand only' : `${plan.schedule.cron} (${plan.schedule.timeZone})`],
    [
      'window',
      plan.window === null ? 'at any hour' : `${plan.window.from} to ${plan.window.to} (${plan.window.timeZone}), then it is paused`,
    ],
    ['next', plan.nextDue],
    ['uses', `at most ${plan.share} % of each user's limit`],
    ['keeps', kept.length === 0 ? 'everything' : kept.join(', ')],
    ['backs up', scope(plan)],
    ['copied to', storages.find(({ id }) => id === plan.copyTo)?.name ?? null],
    ['projects', plan.projectIds.length],
  ]);
  return [rows, '', accounts(plan), ...plan.warnings.map((line) => warning(`! ${line}`))].join('\n');
}

function shareOf(args: Arguments): { share?: number } {
  const share = args.count('share');
  return share === undefined ? {} : { share };
}

/** `git, pull requests, settings (without webhooks)`. */
function scope({ leaveOut: left }: Plan): string {
  const groups = groupNames.filter((group) => leftOutOf(group, left) !== 'all');
  const words = groups.map((group) => {
    const out = kindGroups[group].filter((kind) => left.includes(kind)).map(wordsOfKind);
    return out.length === 0 ? groupWords[group] : `${groupWords[group]} (without ${out.join(', ')})`;
  });
  return ['git', ...words].join(', ');
}

function accounts(plan: Plan): string {
  const rows = plan.accounts.map((one) => [
    one.own ? 'own' : one.enabled ? 'on' : 'off',
    one.credentialId,
    one.name,
    one.ownerSlug,
    one.health.state,
    one.sameUserAs === null ? '' : 'same user: adds no throughput',
  ]);
  return [
    `Additional git credentials: ${plan.additional.enabled ? 'on' : 'off'} (${formatCount(plan.users, 'user')} at work)`,
    table(['', 'ID', 'NAME', 'USER', 'HEALTH', ''], rows, 'no account sees its projects yet'),
  ].join('\n');
}
