import { isWithin, parseServerUrl } from '@gitprotect/shared/server';
import type { Site } from '../../agent/messages.ts';
import type { ActiveTab } from './active-tab.ts';

/** Where Bitbucket's pages live below its base URL. */
const bitbucketPath = /\/(?:projects\/[^/]+\/repos|users\/[^/]+\/repos|plugins\/servlet\/access-tokens|dashboard$|account$|profile$)/;

/** The base URL of the tab's Bitbucket, if it looks like one and our buttons are not on its pages yet. */
export function siteToOffer(tab: ActiveTab, sites: readonly Site[], servers: readonly { readonly url: string }[]): string | null {
  if (!/^https?:\/\//.test(tab.url)) return null;
  if (sites.some(({ url, permitted }) => permitted && isWithin(url, tab.url))) return null;
  const known = [...sites, ...servers].find(({ url }) => isWithin(url, tab.url));
  if (known !== undefined) return known.url;
  const { hostname, pathname } = new URL(tab.url);
  // bitbucket.org is Bitbucket Cloud, another product.
  if (hostname === 'bitbucket.org') return null;
  const likely = /bitbucket|stash/i.test(hostname) || /\bBitbucket\b/.test(tab.title) || bitbucketPath.test(pathname);
  return likely ? parseServerUrl(tab.url) : null;
}
