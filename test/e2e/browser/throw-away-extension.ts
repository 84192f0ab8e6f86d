import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { tempFolder } from './temp-folder.ts';

const background = `
const api = globalThis.browser ?? chrome;
const script = { id: 'mark', matches: ['http://127.0.0.1/*'], js: ['content.js'], persistAcrossSessions: false };
api.permissions.onAdded.addListener(async () => {
  if ((await api.scripting.getRegisteredContentScripts()).length === 0) await api.scripting.registerContentScripts([script]);
});
api.runtime.onMessage.addListener((message, sender, reply) => { reply('background heard ' + message); });
`;

const content = `document.documentElement.dataset.extension = 'ran';`;

const pageHtml = `<!DOCTYPE html><meta charset="utf-8"><title>Throw-away</title><button id="ask">Ask</button><output></output><script src="page.js"></script>`;

const page = `
const api = globalThis.browser ?? chrome;
const origins = ['http://127.0.0.1/*'];
const say = (text) => { document.querySelector('output').textContent = text; };
document.querySelector('#ask').addEventListener('click', async () => say('granted: ' + await api.permissions.request({ origins })));
`;

/** The smallest extension with what ours has: background, optional hosts, a content script registered at run time, a page. It proves the harness. */
export async function throwAwayExtension(browser: 'chromium' | 'firefox'): Promise<{ readonly path: string } & AsyncDisposable> {
  const folder = await tempFolder('extension');
  const manifest = {
    manifest_version: 3,
    name: 'Throw-away',
    version: '1.0',
    permissions: ['scripting'],
    optional_host_permissions: ['http://*/*', 'https://*/*'],
    background: browser === 'chromium' ? { service_worker: 'background.js' } : { scripts: ['background.js'] },
    ...(browser === 'firefox' && { browser_specific_settings: { gecko: { id: 'throw-away@gitprotect.test' } } }),
  };
  const files = {
    'manifest.json': JSON.stringify(manifest),
    'background.js': background,
    'content.js': content,
    'page.html': pageHtml,
    'page.js': page,
  };
  await Promise.all(Object.entries(files).map(([name, text]) => writeFile(join(folder.path, name), text)));
  return folder;
}
