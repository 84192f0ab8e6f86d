import * as v from 'valibot';
import { browser } from 'wxt/browser';
import { permissionFor } from './agent/client.ts';
import type { Site } from './agent/messages.ts';

const contentScript = 'bitbucket.js';
const idPrefix = 'site:';
const Urls = v.fallback(v.array(v.string()), []);

async function readUrls(): Promise<string[]> {
  const stored = await browser.storage.local.get('sites');
  return v.parse(Urls, stored['sites']);
}

async function describe(url: string): Promise<Site> {
  return { url, permitted: await browser.permissions.contains({ origins: [permissionFor(url)] }), problem: null };
}

/** Every site somebody enabled here, and whether the browser still permits it. */
export async function listSites(): Promise<Site[]> {
  const urls = await readUrls();
  return Promise.all(urls.map(describe));
}

/** Base URLs of the sites whose pages we work in. */
export async function permittedSites(): Promise<string[]> {
  return (await listSites()).filter(({ permitted }) => permitted).map(({ url }) => url);
}

/** One registration for each host: patterns carry no port, so two ports of one host share it. */
function wantedPatterns(urls: readonly string[]): string[] {
  return [...new Set(urls.map(permissionFor))];
}

/** Puts the script into tabs that were open before. It does nothing where it already runs. */
async function injectInto(pattern: string): Promise<void> {
  const tabs = await browser.tabs.query({ url: pattern });
  const ids = tabs.flatMap(({ id }) => (id === undefined ? [] : [id]));
  await Promise.allSettled(ids.map((tabId) => browser.scripting.executeScript({ target: { tabId }, files: [contentScript] })));
}

/** Makes the browser's registrations what `sites` and its permissions say. Registering without permission would succeed and never run. */
export async function syncSites(): Promise<void> {
  // Start, installation and a new permission may all ask at once; a script registered twice is an error.
  await navigator.locks.request('sites', register);
}

async function register(): Promise<void> {
  const wanted = wantedPatterns(await permittedSites());
  const registered = (await browser.scripting.getRegisteredContentScripts()).filter(({ id }) => id.startsWith(idPrefix));
  const here = registered.map(({ id }) => id.slice(idPrefix.length));
  const gone = here.filter((pattern) => !wanted.includes(pattern));
  const missing = wanted.filter((pattern) => !here.includes(pattern));
  if (gone.length > 0) await browser.scripting.unregisterContentScripts({ ids: gone.map((pattern) => idPrefix + pattern) });
  if (missing.length > 0) {
    await browser.scripting.registerContentScripts(
      missing.map((pattern) => ({
        id: idPrefix + pattern,
        matches: [pattern],
        js: [contentScript],
        allFrames: false,
        runAt: 'document_idle' as const,
        persistAcrossSessions: true,
      })),
    );
  }
  await Promise.all(missing.map(injectInto));
}

/** Remembers a site whose permission was just given, and puts our buttons into its pages. */
export async function enableSite(url: string): Promise<Site> {
  const urls = await readUrls();
  if (!urls.includes(url)) await browser.storage.local.set({ sites: [...urls, url] });
  await syncSites();
  // A script may run there already, for another port of the host, and have found that the page was not its business.
  await injectInto(permissionFor(url));
  return describe(url);
}

/** Forgets a site; the browser's permission goes too unless another site of that host needs it. */
export async function disableSite(url: string): Promise<Site[]> {
  const left = (await readUrls()).filter((one) => one !== url);
  await browser.storage.local.set({ sites: left });
  await syncSites();
  const pattern = permissionFor(url);
  if (!wantedPatterns(left).includes(pattern)) await browser.permissions.remove({ origins: [pattern] });
  return listSites();
}
