import { readFile } from 'node:fs/promises';
import { AppError } from '@gitprotect/shared/errors';
import { formatAgo } from '@gitprotect/shared/format';
import type { Command } from '../command.ts';
import { projectAddress, projectNamed, repoNamed, serverNamed } from '../resolve.ts';
import { table } from '../terminal.ts';

export const serverCommands: readonly Command[] = [
  {
    name: 'server add',
    usage: 'URL [--ca FILE]',
    summary: 'make a Bitbucket server known',
    options: { ca: { type: 'string' } },
    takes: [1, 1],
    run: async ({ session, terminal }, args) => {
      const file = args.text('ca');
      const ca = file === undefined ? undefined : await readCertificate(file);
      const { call } = await session();
      const server = await call('server.add', ca === undefined ? { url: args.word(0) } : { url: args.word(0), ca });
      terminal.result(server, `added ${server.url}${server.version === null ? '' : ` (Bitbucket ${server.version})`}`);
      terminal.note('next: gitprotect-agent project add URL-OF-A-PROJECT');
    },
  },
  {
    name: 'server list',
    usage: '',
    summary: 'the servers known here',
    takes: [0, 0],
    run: async ({ session, terminal }) => {
      const { call } = await session();
      const servers = await call('server.list', {});
      const rows = servers.map((server) => [server.id, server.url, server.version, server.hasCa ? 'own' : null]);
      terminal.result(servers, table(['ID', 'URL', 'VERSION', 'CA'], rows, 'no servers yet; add one: gitprotect-agent server add URL'));
    },
  },
  {
    name: 'server remove',
    usage: 'URL|ID',
    summary: 'forget a server',
    takes: [1, 1],
    run: async ({ session, terminal }, args) => {
      const { call } = await session();
      const server = await serverNamed(call, args.word(0));
      await call('server.remove', { id: server.id });
      terminal.result(server, `removed ${server.url}; its backups stay in storage`);
    },
  },
];

export const projectCommands: readonly Command[] = [
  {
    name: 'project add',
    usage: 'URL|SERVER/KEY ...',
    summary: 'add projects to protect',
    takes: [1, 1000],
    run: async ({ session, terminal }, args) => {
      const { call } = await session();
      const added = [];
      for (const text of args.positionals) {
        // A page's address says where its server ends; anything else must name a server that is known.
        if (/^https?:.*\/(?:projects|scm|users)\/./.test(text)) await call('server.add', { url: text }).catch(passIfKnown);
        const { server, key } = await projectAddress(call, text);
        const project = await call('project.add', { serverId: server.id, key });
        added.push(project);
        for (const line of project.warnings) terminal.note(`${project.key}: ${line}`);
      }
      terminal.result(added, added.map((project) => `added ${project.key}${project.name === null ? '' : ` (${project.name})`}`).join('\n'));
    },
  },
  {
    name: 'project list',
    usage: '',
    summary: 'the projects added here',
    takes: [0, 0],
    run: async ({ session, terminal, now }) => {
      const { call } = await session();
      const projects = await call('project.list', {});
      const rows = projects.map((one) => [
        one.key,
        one.name,
        one.serverUrl,
        one.coverage.repos,
        one.credentialIds.length,
        one.lastSnapshotAt,
        one.warnings.join('; '),
      ]);
      terminal.result(
        projects,
        table(
          ['KEY', 'NAME', 'SERVER', 'REPOS', 'CREDENTIALS', 'LAST BACKUP', ''],
          rows,
          'no projects yet; add one: gitprotect-agent project add URL',
        ),
      );
      for (const { news = [] } of projects)
        for (const one of news) terminal.note(`· ${formatAgo(Date.parse(one.at), now())}: ${one.message}`);
    },
  },
  {
    name: 'project coverage',
    usage: 'KEY|SERVER/KEY [--problems]',
    summary: 'which account sees which repository, and with which right',
    options: { problems: { type: 'boolean' } },
    takes: [1, 1],
    run: async ({ session, terminal }, args) => {
      const { call } = await session();
      const project = await projectNamed(call, args.word(0));
      const { accounts, repos } = await call('project.coverage', { id: project.id });
      const used = new Set(accounts.filter(({ inUse }) => inUse).map(({ credentialId }) => credentialId));
      const shown = repos.filter(({ seenBy }) => !args.flag('problems') || !seenBy.some((id) => used.has(id)));
      const head = ['REPOSITORY', ...accounts.map(({ name, inUse }) => `${name}${inUse ? '' : ' (in no plan)'}`)];
      const rows = shown.map(({ slug, seenBy }) => [
        seenBy.some((id) => used.has(id)) ? slug : `${slug} ${seenBy.length === 0 ? '(nobody sees it)' : '(no plan’s account sees it)'}`,
        ...accounts.map(({ credentialId, right }) => (seenBy.includes(credentialId) ? (right ?? 'sees it') : null)),
      ]);
      terminal.result(
        { accounts, repos: shown },
        table(head, rows, args.flag('problems') ? 'a plan’s account sees every repository' : 'no repository is known yet'),
      );
      return 0;
    },
  },
  {
    name: 'project forget',
    usage: 'PROJECT/repo',
    summary: 'no longer miss a repository that was deleted in Bitbucket; its snapshots stay',
    takes: [1, 1],
    run: async ({ session, terminal }, args) => {
      const { call } = await session();
      const { projectKey, slug } = repoNamed(args.word(0));
      const project = await projectNamed(call, projectKey);
      await call('project.forget-repo', { id: project.id, slug });
      terminal.result({ projectKey, slug }, `${project.key}/${slug} is no longer missed; its snapshots stay`);
    },
  },
  {
    name: 'project remove',
    usage: 'KEY|SERVER/KEY',
    summary: 'stop protecting a project; its backups stay',
    takes: [1, 1],
    run: async ({ session, terminal }, args) => {
      const { call } = await session();
      const project = await projectNamed(call, args.word(0));
      await call('project.remove', { id: project.id });
      terminal.result(project, `removed ${project.key}; its backups stay in storage`);
    },
  },
];

function passIfKnown(error: unknown): void {
  if (!(error instanceof AppError && error.code === 'already-exists')) throw error;
}

/** The text of a file of certificates; the agent judges them. */
async function readCertificate(file: string): Promise<string> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    throw new AppError('bad-request', `cannot read ${file}`, { cause: error, remedy: 'give the path of a PEM file' });
  }
  if (text.includes('-----BEGIN CERTIFICATE-----')) return text;
  throw new AppError('bad-request', `${file} holds no certificate in PEM form`, {
    remedy: 'give a file that begins with -----BEGIN CERTIFICATE-----',
  });
}
