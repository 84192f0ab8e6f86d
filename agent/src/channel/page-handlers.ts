import { AppError } from '@gitprotect/shared/errors';
import type { Caller } from '@gitprotect/shared/protocol';
import { isWithin, type Server } from '@gitprotect/shared/server';
import { Secret } from '../lib/secret.ts';
import type { Handlers } from './dispatch.ts';
import type { Parts, Telling } from './parts.ts';

type PageHandlers = Pick<Handlers, 'page.state' | 'page.credential.add' | 'page.credential.enable' | 'page.credential.renew'>;

/** The calls a Bitbucket page's buttons may make. The server is always the one the page belongs to, whatever the page says. */
export function pageHandlers({ servers, projects, credentials, planBook }: Parts, telling: Telling): PageHandlers {
  const find = async (caller: Caller): Promise<Server | null> => {
    if (caller.kind !== 'page') throw new AppError('not-allowed', 'only a page of Bitbucket makes this call');
    const within = (await servers.list()).filter(({ url }) => isWithin(url, caller.url));
    // Of two instances below one host the one with the longer path is meant.
    return within.toSorted((a, b) => b.url.length - a.url.length)[0] ?? null;
  };
  const need = async (caller: Caller): Promise<Server> => {
    const server = await find(caller);
    if (server !== null) return server;
    throw new AppError('not-found', 'the agent does not know this Bitbucket yet', {
      remedy: 'open the GitProtect popup on this page and enable the site',
    });
  };
  const ofThePage = async (credentialId: string, caller: Caller): Promise<void> => {
    const server = await need(caller);
    const known = await credentials.list({ serverId: server.id });
    if (known.some(({ id }) => id === credentialId)) return;
    throw new AppError('not-found', `there is no credential ${credentialId} of this Bitbucket`, { remedy: 'reload the page' });
  };

  return {
    'page.state': async (_params, caller) => {
      const server = await find(caller);
      if (server === null) return { server: null, credentials: [], projects: [] };
      const known = await credentials.list({ serverId: server.id });
      return {
        server,
        credentials: await Promise.all(
          known.map(async ({ id, tokenId, name, owner, health }) => ({
            id,
            tokenId,
            name,
            ownerSlug: owner?.slug ?? null,
            health,
            plans: await planBook.choices(id),
          })),
        ),
        projects: (await projects.list()).filter(({ serverId }) => serverId === server.id).map(({ id, key, name }) => ({ id, key, name })),
      };
    },
    'page.credential.add': async ({ token, ...wanted }, caller) => {
      const server = await need(caller);
      const added = await telling(
        credentials.add({ ...wanted, serverId: server.id, token: new Secret(token) }),
        'credentials',
        'projects',
        'plans',
      );
      return { ...added, plans: await planBook.choices(added.credential.id) };
    },
    'page.credential.renew': async ({ credentialId, token, ...successor }, caller) => {
      await ofThePage(credentialId, caller);
      const renewed = await telling(
        credentials.renew(credentialId, { ...successor, token: new Secret(token) }),
        'credentials',
        'projects',
        'plans',
      );
      return { ...renewed, plans: await planBook.choices(credentialId) };
    },
    'page.credential.enable': async ({ credentialId, planIds }, caller) => {
      await ofThePage(credentialId, caller);
      return telling(planBook.enableIn(credentialId, planIds), 'plans', 'credentials');
    },
  };
}
