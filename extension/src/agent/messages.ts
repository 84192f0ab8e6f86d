import type { ErrorReport } from '@gitprotect/shared/errors';
import type { EventBody, EventName, Method } from '@gitprotect/shared/protocol';
import type { LastSeen } from './last-seen.ts';

/** How this browser stands with its agent. */
export type Connection =
  /** No pairing code was ever entered here, or it was removed. */
  | { readonly state: 'unpaired' }
  /** Not running, or something blocks the socket: the browser does not say which. */
  | { readonly state: 'offline'; readonly port: number; readonly lastSeen: LastSeen | null }
  /** Something answers on the port that does not know our key. Nothing was sent to it. */
  | { readonly state: 'not-your-agent'; readonly port: number }
  /** It answered and refused: another protocol version, a pairing it removed. */
  | { readonly state: 'refused'; readonly error: ErrorReport }
  | { readonly state: 'connected'; readonly port: number };

/** A Bitbucket whose pages carry our buttons. */
export interface Site {
  /** Base URL with context path, as `parseServerUrl` makes it. */
  readonly url: string;
  /** `false` when the person took the browser's permission away. */
  readonly permitted: boolean;
  /** What the agent said when it was told of a site just enabled: a wrong certificate, no Bitbucket there. */
  readonly problem: ErrorReport | null;
}

/** Where a page's script may lead a person. The server is the sender's own. */
export type PageDestination =
  | { readonly to: 'plans' | 'bitbucket' | 'pair' | 'overview' }
  | { readonly to: 'paste'; readonly token?: string | undefined; readonly name?: string | undefined };

/** Calls that the background answers by itself. `page.*` are open to content scripts, the rest to the extension's own pages. */
export interface LocalMethods {
  connection: { params: Record<string, never>; result: Connection };
  /** Takes the code that `gitprotect-agent pair` prints. */
  pair: { params: { code: string }; result: Connection };
  unpair: { params: Record<string, never>; result: Connection };
  sites: { params: Record<string, never>; result: Site[] };
  /** After the browser's permission was given: see `enableSite` in `client.ts`. */
  enableSite: { params: { url: string }; result: Site };
  disableSite: { params: { url: string }; result: Site[] };
  /** The enabled site that the asking page belongs to. */
  'page.site': { params: Record<string, never>; result: { url: string } | null };
  /** Opens the management page. */
  'page.open': { params: PageDestination; result: null };
}
export type LocalMethod = keyof LocalMethods;

/** From a page or content script to the background, by `runtime.sendMessage`. */
export interface Question {
  readonly to: 'gitprotect';
  readonly method: Method | LocalMethod;
  readonly params: unknown;
}

/** The background's answer. Errors are values here: a rejected `sendMessage` loses everything but its text. */
export type Answer = { readonly ok: true; readonly result: unknown } | { readonly ok: false; readonly error: ErrorReport };

/** To open extension pages, through the port `eventsPort`. */
export type PushedEvent =
  | { [E in EventName]: { readonly name: E; readonly body: EventBody<E> } }[EventName]
  | { readonly name: 'connection'; readonly body: Connection };
export const eventsPort = 'events';
