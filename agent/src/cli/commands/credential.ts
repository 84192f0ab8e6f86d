import { formatAgo, formatCount } from '@gitprotect/shared/format';
import { cureOf, notAToken, readToken as formOf, sameUser, type Credential } from '@gitprotect/shared/credential';
import type { Call } from '@gitprotect/shared/protocol';
import type { Command } from '../command.ts';
import { oneOf, projectNamed, serverNamed } from '../resolve.ts';
import { bad, good, table, warning, type Terminal } from '../terminal.ts';

export const credentialCommands: readonly Command[] = [
  {
    name: 'credential add',
    usage: '--server URL [--project KEY ...] [--name NAME] --token-stdin',
    summary: 'store an HTTP access token, read from standard input',
    options: {
      server: { type: 'string' },
      project: { type: 'string', multiple: true },
      name: { type: 'string' },
      'token-stdin': { type: 'boolean' },
    },
    takes: [0, 0],
    run: async ({ session, terminal }, args) => {
      const { call } = await session();
      const url = args.text('server');
      const servers = await call('server.list', {});
      const server =
        url === undefined && servers.length === 1 && servers[0] !== undefined ? servers[0] : await serverNamed(call, url ?? '(none given)');
      const projectIds = [];
      for (const key of args.texts('project'))
        projectIds.push((await projectNamed(call, key.includes('/') ? key : `${server.id}/${key}`)).id);
      const token = await readToken(terminal);
      const name = args.text('name');
      const added = await call('credential.add', {
        serverId: server.id,
        token,
        ...(name === undefined ? {} : { name }),
        ...(projectIds.length === 0 ? {} : { projectIds }),
      });
      const { credential, sees, known } = added;
      const who = credential.owner === null ? 'a project or repository token' : `a token of ${credential.owner.slug}`;
      terminal.result(
        added,
        `${known ? 'already stored' : 'stored'}: ${credential.id}, “${credential.name}”, ${who}; sees ${formatCount(sees.repos, 'repository', 'repositories')} in ${formatCount(sees.projects, 'project')}`,
      );
      if (credential.plans.length === 0)
        terminal.note('Not used by any backup yet. Enable it: gitprotect-agent plan credentials NAME --on --enable ' + credential.id);
    },
  },
  {
    name: 'credential renew',
    usage: 'ID [--name NAME] [--another-owner] --token-stdin',
    summary: 'give a credential a new token, read from standard input; every plan goes on with it',
    options: { name: { type: 'string' }, 'another-owner': { type: 'boolean' }, 'token-stdin': { type: 'boolean' } },
    takes: [1, 1],
    run: async ({ session, terminal }, args) => {
      const { call } = await session();
      const before = await credentialWithId(call, args.word(0));
      const token = await readToken(terminal);
      const name = args.text('name');
      const renewed = await call('credential.renew', {
        id: before.id,
        token,
        ...(name === undefined ? {} : { name }),
        ...(args.flag('another-owner') ? { anotherOwner: true } : {}),
      });
      const { credential, sees } = renewed;
      terminal.result(
        renewed,
        `renewed: ${credential.id}, “${credential.name}”; sees ${formatCount(sees.repos, 'repository', 'repositories')}; used by ${plansOf(credential)}`,
      );
      if (before.tokenId !== null) terminal.note(`Revoke the old token in Bitbucket: “${before.name}”, number ${before.tokenId}.`);
    },
  },
  {
    name: 'credential list',
    usage: '[--project KEY]',
    summary: 'the credentials stored here, without their secrets',
    options: { project: { type: 'string' } },
    takes: [0, 0],
    run: async ({ session, terminal, now }, args) => {
      const { call } = await session();
      const key = args.text('project');
      const credentials = await call('credential.list', key === undefined ? {} : { projectId: (await projectNamed(call, key)).id });
      const rows = credentials.map((one) => [
        one.id,
        one.name,
        userOf(one, credentials),
        sees(one),
        one.expiresAt === null ? 'never or unknown' : formatAgo(Date.parse(one.expiresAt), now()),
        health(one),
        plansOf(one),
      ]);
      terminal.result(
        credentials,
        table(
          ['ID', 'NAME', 'USER', 'SEES', 'EXPIRES', 'HEALTH', 'PLANS'],
          rows,
          'no credentials yet; add one: gitprotect-agent credential add --server URL --token-stdin',
        ),
      );
      for (const one of credentials) {
        const cure = cureOf(one);
        if (one.health.message !== null || cure !== null)
          terminal.note(`! ${one.name}: ${one.health.message ?? one.health.state}${cure === null ? '' : ` – ${cure}`}`);
      }
    },
  },
  {
    name: 'credential test',
    usage: 'ID',
    summary: 'ask the server whether a credential still works',
    takes: [1, 1],
    run: async ({ session, terminal }, args) => {
      const { call } = await session();
      const { id } = await credentialWithId(call, args.word(0));
      const credential = await call('credential.test', { id });
      terminal.result(
        credential,
        `${credential.name}: ${health(credential)}${credential.health.message === null ? '' : ` – ${credential.health.message}`}; sees ${sees(credential)}`,
      );
      const cure = cureOf(credential);
      if (cure !== null) terminal.note(cure);
      return credential.health.state === 'healthy' || credential.health.state === 'expires-soon' ? 0 : 1;
    },
  },
  {
    name: 'credential remove',
    usage: 'ID [--project KEY]',
    summary: 'erase a credential, or detach it from one project',
    options: { project: { type: 'string' } },
    takes: [1, 1],
    run: async ({ session, terminal }, args) => {
      const { call } = await session();
      const key = args.text('project');
      const { id } = await credentialWithId(call, args.word(0));
      await call('credential.remove', key === undefined ? { id } : { id, projectId: (await projectNamed(call, key)).id });
      terminal.result({ id }, key === undefined ? `erased ${id}` : `detached ${id} from ${key}`);
    },
  },
];

/** A token is never an argument: arguments are readable by every user of the machine. */
async function readToken(terminal: Terminal): Promise<string> {
  const token = await terminal.readInput('the token');
  if (formOf(token).form === 'not-a-token') throw notAToken();
  return token;
}

/** Whose it is, and whether another of the same user comes before it. Of a project or repository token nobody is known. */
function userOf(one: Credential, all: readonly Credential[]): string {
  if (one.owner === null) return '(project token, Bearer only)';
  const before = all.slice(0, all.indexOf(one)).some((other) => sameUser(other, one));
  return before ? `${one.owner.slug} (again: adds no throughput)` : one.owner.slug;
}

const plansOf = ({ plans }: Credential): string => plans.map((plan) => plan.name).join(', ') || 'no plan yet';

async function credentialWithId(call: Call, id: string): Promise<Credential> {
  return oneOf(await call('credential.list', {}), id, { word: 'credential', list: 'credential list' });
}

function sees(credential: Credential): string {
  const total = (field: 'sees' | 'of') => credential.attachments.reduce((sum, one) => sum + (one[field] ?? 0), 0);
  return `${total('sees')}/${total('of')} repos, ${formatCount(credential.attachments.length, 'project')}`;
}

function health({ health: { state } }: Credential): string {
  if (state === 'healthy') return good(state);
  return state === 'expired' || state === 'rejected' ? bad(state) : warning(state);
}
