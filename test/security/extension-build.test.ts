import { readFileSync, readdirSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { chromeExtensionId, chromePublicKey, firefoxExtensionId } from '@gitprotect/shared/extension-id';
import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';

/** As `npm run build` leaves it; the test run builds first. */
const output = (path: string) => readFileSync(new URL(`../../extension/.output/${path}`, import.meta.url));
const manifestOf = (folder: string) => JSON.parse(output(`${folder}/manifest.json`).toString()) as Record<string, unknown>;

/** Everything that decides what the extension may do. A change here is a change of what people are asked to trust. */
const allowed = {
  manifest_version: 3,
  // activeTab: the address of the tab in front while the popup is open, so that it can offer to enable that site.
  permissions: ['storage', 'scripting', 'alarms', 'activeTab'],
  host_permissions: ['http://127.0.0.1/*'],
  optional_host_permissions: ['https://*/*', 'http://*/*'],
  content_security_policy: { extension_pages: "script-src 'self'; object-src 'self'; connect-src 'self' ws://127.0.0.1:*" },
  options_ui: { page: 'management.html', open_in_tab: true },
};
const harmless = ['name', 'short_name', 'description', 'version', 'icons'];

describe('the built extension', () => {
  test('asks Chrome for no more than it needs', () => {
    const manifest = Object.entries(manifestOf('chrome-mv3')).filter(([key]) => !harmless.includes(key));
    expect(Object.fromEntries(manifest)).toEqual({
      ...allowed,
      action: { default_title: expect.any(String), default_popup: 'popup.html' },
      background: { type: 'module', service_worker: 'background.js' },
      key: chromePublicKey,
      minimum_chrome_version: '120',
    });
  });

  test('asks Firefox for no more than it needs, and keeps ws: from becoming wss:', () => {
    const manifest = Object.entries(manifestOf('firefox-mv3')).filter(([key]) => !harmless.includes(key));
    expect(Object.fromEntries(manifest)).toEqual({
      ...allowed,
      action: { default_title: expect.any(String), default_popup: 'popup.html' },
      background: { type: 'module', scripts: ['background.js'] },
      browser_specific_settings: {
        gecko: { id: firefoxExtensionId, strict_min_version: '128.0', data_collection_permissions: { required: ['none'] } },
      },
    });
  });

  test('has the id that the agent expects', () => {
    const digest = createHash('sha256').update(Buffer.from(chromePublicKey, 'base64')).digest('hex').slice(0, 32);
    const letters = Array.from(digest, (digit) => String.fromCodePoint(97 + Number.parseInt(digit, 16))).join('');
    expect(letters).toBe(chromeExtensionId);
  });

  test.each(['chrome-mv3', 'firefox-mv3'])('puts less than 20 kB into pages, and no socket (%s)', (folder) => {
    const script = output(`${folder}/bitbucket.js`);
    expect(gzipSync(script, { level: 9 }).length).toBeLessThan(20_000);
    expect(/WebSocket|ws:\/\/|webextension-polyfill/.test(script.toString())).toBe(false);
  });

  test.each(['chrome-mv3', 'firefox-mv3'])('runs no code from text (%s)', (folder) => {
    const scripts = readdirSync(new URL(`../../extension/.output/${folder}`, import.meta.url), { recursive: true })
      .map(String)
      .filter((file) => file.endsWith('.js'));
    expect(scripts).toContain('background.js');
    const evaluating = scripts.filter((file) => /\beval\(|new Function\(/.test(output(`${folder}/${file}`).toString()));
    expect(evaluating).toEqual([]);
  });
});
