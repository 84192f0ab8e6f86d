import { AppError, type ErrorReport } from '@gitprotect/shared/errors';
import type { Caller } from '@gitprotect/shared/protocol';
import { parseServerUrl } from '@gitprotect/shared/server';
import * as v from 'valibot';
import type { Route } from '../routes.ts';
import { disableSite, enableSite, listSites, permittedSites } from '../sites.ts';
import type { AgentConnection } from './connection.ts';
import type { LocalMethod, LocalMethods } from './messages.ts';
import type { LocalHandler } from './relay.ts';
import { siteOf } from './sender.ts';

const nothing = v.strictObject({});
const address = v.strictObject({ url: v.pipe(v.string(), v.transform(parseServerUrl)) });
const line = v.pipe(v.string(), v.trim(), v.minLength(1), v.maxLength(200));
const destination = v.variant('to', [
  v.strictObject({ to: v.picklist(['plans', 'bitbucket', 'pair', 'overview']) }),
  v.strictObject({ to: v.literal('paste'), token: v.optional(v.pipe(v.string(), v.regex(/^\d{12}$/))), name: v.optional(line) }),
]);

/** A handler whose parameters and result are those of the method's row in `LocalMethods`. */
function handler<M extends LocalMethod, S extends v.GenericSchema<LocalMethods[M]['params']>>(
  params: S,
  answer: (params: v.InferOutput<S>, from: Caller) => Promise<LocalMethods[M]['result']>,
): LocalHandler {
  return { params, answer: (given, from) => answer(v.parse(params, given), from) };
}

/** The site a page belongs to. The relay let it in, so there is one, unless it was disabled this instant. */
async function siteOfCaller(from: Caller): Promise<string | null> {
  return from.kind === 'page' ? siteOf(from.url, await permittedSites()) : null;
}

export interface LocalParts {
  readonly connection: AgentConnection;
  /** Tells the agent of sites it does not know yet. Answers with what it said of those it does not take, by address. */
  readonly announceSites: () => Promise<ReadonlyMap<string, ErrorReport>>;
  readonly open: (route: Route) => Promise<void>;
}

/** What the background answers by itself. */
export function localCalls({ connection, announceSites, open }: LocalParts): Record<LocalMethod, LocalHandler> {
  return {
    connection: handler<'connection', typeof nothing>(nothing, () => connection.look()),
    pair: handler<'pair', v.GenericSchema<{ code: string }>>(v.strictObject({ code: line }), ({ code }) => connection.pair(code)),
    unpair: handler<'unpair', typeof nothing>(nothing, () => connection.unpair()),
    sites: handler<'sites', typeof nothing>(nothing, () => listSites()),
    enableSite: handler<'enableSite', typeof address>(address, async ({ url }) => {
      const site = await enableSite(url);
      const refused = await announceSites();
      return { ...site, problem: refused.get(url) ?? null };
    }),
    disableSite: handler<'disableSite', typeof address>(address, ({ url }) => disableSite(url)),
    'page.site': handler<'page.site', typeof nothing>(nothing, async (_, from) => {
      const url = await siteOfCaller(from);
      return url === null ? null : { url };
    }),
    'page.open': handler<'page.open', typeof destination>(destination, async (asked, from) => {
      if (asked.to !== 'paste') {
        await open({ page: asked.to });
        return null;
      }
      const server = await siteOfCaller(from);
      if (server === null) throw new AppError('not-allowed', 'this page belongs to no enabled site');
      await open({ page: 'paste', server, ...(asked.token && { token: asked.token }), ...(asked.name && { name: asked.name }) });
      return null;
    }),
  };
}
