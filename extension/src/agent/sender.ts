import type { Caller } from '@gitprotect/shared/protocol';
import { isWithin } from '@gitprotect/shared/server';

/** What the browser says of who sent a message. Nothing of it comes from the message itself. */
export interface Sender {
  readonly id?: string | undefined;
  readonly url?: string | undefined;
  readonly origin?: string | undefined;
  readonly frameId?: number | undefined;
  readonly tab?: unknown;
}

/** What the background knows of itself. */
export interface Self {
  readonly id: string;
  /** `chrome-extension://…/`, with the slash: no other extension's address begins with it. */
  readonly root: string;
}

type Asker = Exclude<Caller, { kind: 'cli' }>;

/**
 * Who is asking, or `null` for whoever may ask nothing: another extension, a frame inside a page, a page of a site that is not enabled.
 * @param sites base URLs of the enabled and permitted sites
 */
export function identify(sender: Sender, self: Self, sites: readonly string[]): Asker | null {
  const { url } = sender;
  if (sender.id !== self.id || url === undefined) return null;
  if (sender.frameId !== undefined && sender.frameId !== 0) return null;
  if (url.startsWith(self.root)) return { kind: 'management' };
  if (sender.tab === undefined || !URL.canParse(url)) return null;
  if (sender.origin !== undefined && sender.origin !== new URL(url).origin) return null;
  return sites.some((base) => isWithin(base, url)) ? { kind: 'page', url } : null;
}

/** The enabled site a page belongs to: the one with the longest context path. */
export function siteOf(url: string, sites: readonly string[]): string | null {
  const holding = sites.filter((base) => isWithin(base, url)).toSorted((a, b) => b.length - a.length);
  return holding[0] ?? null;
}
