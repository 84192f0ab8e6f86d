import { browser } from 'wxt/browser';
import { AppError, fromReport } from '@gitprotect/shared/errors';
import type { Call } from '@gitprotect/shared/protocol';
import { parseServerUrl } from '@gitprotect/shared/server';
import { type Answer, type LocalMethod, type LocalMethods, type PushedEvent, type Question, type Site, eventsPort } from './messages.ts';

/** Thrown away by an update or a removal of the extension: only a reload of the page helps. */
export function isOrphaned(): boolean {
  return browser.runtime?.id === undefined;
}

async function ask(method: Question['method'], params: unknown): Promise<unknown> {
  const question: Question = { to: 'gitprotect', method, params };
  const answer: Answer | undefined = await browser.runtime.sendMessage(question);
  if (answer === undefined) throw new AppError('internal', 'the extension did not answer', { remedy: 'reload the page' });
  if (!answer.ok) throw fromReport(answer.error);
  return answer.result;
}

/** Asks the agent, through the background. The background checks what comes back against the protocol. */
// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- checked against the protocol's schema in the background
export const call: Call = (method, params) => ask(method, params) as ReturnType<typeof call<typeof method>>;

/** Asks the background itself. */
export function local<M extends LocalMethod>(method: M, params: LocalMethods[M]['params']): Promise<LocalMethods[M]['result']> {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- both ends are ours and of one build
  return ask(method, params) as Promise<LocalMethods[M]['result']>;
}

/**
 * Hears the agent's events and changes of the connection until `signal` aborts. For extension pages.
 * The first event is always `connection`; an open subscription keeps the background connected.
 */
export function subscribe(listener: (event: PushedEvent) => void, signal: AbortSignal): void {
  const open = () => {
    const port = browser.runtime.connect({ name: eventsPort });
    const close = () => port.disconnect();
    signal.addEventListener('abort', close, { once: true });
    port.onMessage.addListener((event: PushedEvent) => listener(event));
    port.onDisconnect.addListener(() => {
      signal.removeEventListener('abort', close);
      if (!signal.aborted) setTimeout(open, 500);
    });
  };
  open();
}

/** The pattern to ask permission for. Never with a port: in Firefox such a pattern registers and never matches. */
export function permissionFor(url: string): string {
  const { protocol, hostname } = new URL(url);
  return `${protocol}//${hostname}/*`;
}

/**
 * Asks for the browser's permission and puts our buttons into the site's pages. Call it directly in a click handler: the
 * browser wants the person's gesture. Answers `null` when the person declines.
 * @throws AppError `bad-request` when `address` is not one of a web page
 */
export async function enableSite(address: string): Promise<Site | null> {
  const url = parseServerUrl(address);
  const granted = await browser.permissions.request({ origins: [permissionFor(url)] });
  return granted ? local('enableSite', { url }) : null;
}
