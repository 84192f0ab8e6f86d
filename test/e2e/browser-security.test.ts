import { once } from 'node:events';
import { readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { chromeExtensionId } from '@gitprotect/shared/extension-id';
import { subprotocol } from '@gitprotect/shared/handshake';
import { methods } from '@gitprotect/shared/protocol';
import type { Page } from 'playwright-core';
import * as v from 'valibot';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WebSocketServer } from 'ws';
import { launchChromium } from './browser/chromium.ts';
import { browserOrSkip } from './browser/needs.ts';
import { onePageSite } from './browser/one-page-site.ts';
import { tempFolder } from './browser/temp-folder.ts';
import { type Journey, startJourney } from './journey/journey.ts';
import { askExtension, openTokens } from './journey/steps.ts';

const create = { role: 'button', name: 'Create a backup token' };
const confirm = { role: 'button', name: 'Create and add' };
const localCalls = ['connection', 'pair', 'unpair', 'sites', 'enableSite', 'disableSite'];

/** Opens a socket to the agent as any script may; tells how it ended and what came. */
const knock = (port: number) => `new Promise((resolve) => {
  const heard = [];
  let opened = false;
  const socket = new WebSocket('ws://127.0.0.1:${port}/', ${JSON.stringify(subprotocol)});
  socket.onopen = () => {
    opened = true;
    socket.send(JSON.stringify({ type: 'hello', id: 'x', nonce: 'A'.repeat(43) }));
  };
  socket.onmessage = ({ data }) => heard.push(String(data));
  socket.onclose = ({ code }) => resolve({ opened, code, heard });
})`;

/** Runs code in the content script's own world. */
async function inContentScript(page: Page, code: string): Promise<unknown> {
  const session = await page.context().newCDPSession(page);
  try {
    const worlds: { id: number; origin: string }[] = [];
    session.on('Runtime.executionContextCreated', ({ context: { id, origin } }) => worlds.push({ id, origin }));
    await session.send('Runtime.enable');
    const world = worlds.find(({ origin }) => origin.startsWith('chrome-extension:'));
    if (world === undefined) throw new Error('The page has no content script');
    const answer = await session.send('Runtime.evaluate', {
      expression: code,
      contextId: world.id,
      awaitPromise: true,
      returnByValue: true,
    });
    return answer.result.value;
  } finally {
    await session.detach();
  }
}

/** Files below `folder` whose bytes hold `text`. */
async function holding(folder: string, text: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const found: string[] = [];
  for (const entry of entries.filter((one) => one.isFile())) {
    const path = join(entry.parentPath, entry.name);
    // A browser that runs removes files while we look.
    const bytes = await readFile(path).catch(() => Buffer.alloc(0));
    if (bytes.includes(text)) found.push(path);
  }
  return found;
}

browserOrSkip('chromium')('the extension in a browser full of others', () => {
  let journey: Journey;

  beforeAll(async () => {
    journey = await startJourney();
    const { bitbucket, alice } = journey;
    bitbucket.state.addToken({ user: alice, name: 'laptop', permissions: ['REPO_WRITE'] });
  });
  afterAll(() => journey[Symbol.asyncDispose]());

  test("keeps a page's script out of its roots and deaf to its clicks (T19)", async () => {
    const { bitbucket, page, ours } = journey;
    await openTokens(page, bitbucket);
    await ours.see({ role: 'button', name: /^Add to GitProtect/ });
    const asked = bitbucket.requests.length;
    const tried = await page.evaluate(`(() => {
      const hosts = [...document.querySelectorAll('gitprotect-ui')];
      for (const host of hosts) {
        const { left, top, width, height } = host.getBoundingClientRect();
        const at = { clientX: left + width / 2, clientY: top + height / 2 };
        const targets = [host, document.elementFromPoint(at.clientX, at.clientY), document.elementFromPoint(left + width - 40, at.clientY)];
        for (const target of targets.filter(Boolean)) {
          target.click();
          target.focus();
          for (const type of ['pointerdown', 'mousedown', 'pointerup', 'mouseup', 'click'])
            target.dispatchEvent(new MouseEvent(type, { ...at, bubbles: true, composed: true, cancelable: true }));
          target.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, composed: true }));
        }
      }
      return { hosts: hosts.length, roots: hosts.filter(({ shadowRoot }) => shadowRoot !== null).length, words: document.body.innerText };
    })()`);
    const { hosts, roots, words } = v.parse(v.object({ hosts: v.number(), roots: v.number(), words: v.string() }), tried);
    expect([hosts, roots]).toEqual([2, 0]);
    expect(words).not.toContain('GitProtect');
    expect(await ours.find({ role: 'dialog', name: /./ })).toEqual([]);
    expect(bitbucket.requests.slice(asked).filter(({ method }) => method !== 'GET')).toEqual([]);
    // The same places answer a person.
    await ours.click({ role: 'button', name: /^Add to GitProtect/ });
    await ours.see({ role: 'dialog', name: 'GitProtect: laptop' });
  });

  test('answers its own content script nothing but what a page may ask (T20)', async () => {
    const { bitbucket, page, ours } = journey;
    await openTokens(page, bitbucket);
    await ours.see({ role: 'button', name: /^Add to GitProtect/ });
    const forbidden = [...Object.keys(methods).filter((name) => !name.startsWith('page.')), ...localCalls];
    const answers = await inContentScript(
      page,
      `Promise.all(${JSON.stringify(forbidden)}.map(async (method) => {
        const answer = await chrome.runtime.sendMessage({ to: 'gitprotect', method, params: {} });
        return [method, answer.ok ? 'answered' : answer.error.code];
      }))`,
    );
    expect(answers).toEqual(forbidden.map((name) => [name, 'not-allowed']));
    const state = await inContentScript(page, `chrome.runtime.sendMessage({ to: 'gitprotect', method: 'page.state', params: {} })`);
    expect(state).toMatchObject({ ok: true });
    const storage = await inContentScript(page, `chrome.storage.local.get().then((all) => Object.keys(all), () => 'refused')`);
    expect(storage).toBe('refused');
    const port = await inContentScript(
      page,
      `new Promise((resolve) => { const port = chrome.runtime.connect({ name: 'events' }); port.onMessage.addListener(() => resolve('heard')); port.onDisconnect.addListener(() => resolve('refused')); })`,
    );
    expect(port).toBe('refused');
  });

  test('holds a key that nobody can take out, and no secret beside it (T20)', async () => {
    const { browser } = journey;
    const page = await browser.open('management.html');
    const kept = await page.evaluate(`(async () => {
      const database = await new Promise((resolve) => { const asked = indexedDB.open('gitprotect'); asked.onsuccess = () => resolve(asked.result); });
      const pairing = await new Promise((resolve) => {
        const asked = database.transaction('pairing').objectStore('pairing').get('agent');
        asked.onsuccess = () => resolve(asked.result);
      });
      const keys = Object.values(pairing).filter((value) => value instanceof CryptoKey);
      const exported = await Promise.all(keys.map((key) => crypto.subtle.exportKey('raw', key).then(() => 'exported', () => 'refused')));
      return { exported, rest: Object.keys(await chrome.storage.local.get()).sort(), session: await chrome.storage.session.get() };
    })()`);
    await page.close();
    expect(kept).toEqual({ exported: ['refused'], rest: ['lastSeen', 'sites'], session: {} });
  });

  test("is not to be had by a page's own socket (T3)", async () => {
    const { agent, browser } = journey;
    await using site = await onePageSite('<h1>Intranet</h1>');
    const page = await browser.newPage();
    await page.goto(site.origin);
    expect(await page.evaluate(knock(agent.port))).toEqual({ opened: false, code: 1006, heard: [] });
    await page.close();
    expect(agent.printed()).toMatch(/refused a connection.*unknown origin/);
  });

  test('is not to be had by another extension that forges its origin (T4)', async () => {
    const { agent } = journey;
    await using folder = await tempFolder('forger');
    const rule = {
      id: 1,
      action: {
        type: 'modifyHeaders',
        requestHeaders: [{ header: 'Origin', operation: 'set', value: `chrome-extension://${chromeExtensionId}` }],
      },
      condition: { resourceTypes: ['websocket'] },
    };
    const manifest = {
      manifest_version: 3,
      name: 'Forger',
      version: '1.0',
      permissions: ['declarativeNetRequest', 'declarativeNetRequestWithHostAccess'],
      host_permissions: ['<all_urls>'],
      background: { service_worker: 'worker.js' },
    };
    await writeFile(join(folder.path, 'manifest.json'), JSON.stringify(manifest));
    await writeFile(join(folder.path, 'worker.js'), '');
    await writeFile(join(folder.path, 'page.html'), '<title>Forger</title>');
    await using browser = await launchChromium({ extension: folder.path });
    const page = await browser.open('page.html');
    await page.evaluate(`chrome.declarativeNetRequest.updateSessionRules({ removeRuleIds: [1], addRules: [${JSON.stringify(rule)}] })`);
    const Ended = v.object({ opened: v.boolean(), code: v.number(), heard: v.array(v.string()) });
    const { opened, code, heard } = v.parse(Ended, await page.evaluate(knock(agent.port)));
    // The forged origin opens the door; without the key the agent hangs up, and tells nothing.
    expect(opened).toBe(true);
    expect(code).toBeGreaterThanOrEqual(1002);
    expect(heard.join('')).not.toMatch(/SHOP|laptop|credential|Nightly/);
    expect(heard.length).toBeLessThanOrEqual(1);
  });

  test('sends no token to a program that took the port of the agent, and says so (T5)', async () => {
    const { bitbucket, agent, browser, page, ours, alice } = journey;
    await openTokens(page, bitbucket);
    await ours.see(create);
    await agent.stop();
    const heard: string[] = [];
    const fake = new WebSocketServer({ port: agent.port, host: '127.0.0.1', handleProtocols: () => subprotocol });
    await once(fake, 'listening');
    fake.on('connection', (socket) =>
      socket.on('message', (data: Buffer) => {
        heard.push(data.toString());
        socket.send(data.toString());
      }),
    );
    const before = bitbucket.state.tokens.length;
    try {
      await ours.click(create);
      await ours.click(confirm);
      await ours.read(/Another program answers in its place\. Nothing was sent to it\./);
      expect(await askExtension(browser, 'connection', {})).toEqual({ state: 'not-your-agent', port: agent.port });
      expect(new Set(heard.map((line) => v.parse(v.object({ type: v.string() }), JSON.parse(line)).type))).toEqual(new Set(['hello']));
      const secrets = bitbucket.state.tokens.filter(({ scope }) => scope.target === alice).map(({ secret }) => secret);
      expect(secrets.filter((secret) => heard.join('').includes(secret))).toEqual([]);
      expect(bitbucket.state.tokens.length).toBe(before);
    } finally {
      for (const client of fake.clients) client.terminate();
      await new Promise((resolve) => fake.close(resolve));
      await agent.start();
    }
  });

  test('finds the run again after the browser has stopped its worker (T23)', async () => {
    const { bitbucket, agent, browser } = journey;
    const fault = bitbucket.faults.add({ kind: 'stall', at: 0 }, { git: ['advertise', 'ls-refs', 'fetch'] });
    const Runs = v.array(v.object({ id: v.string(), state: v.string() }));
    const runs = async () => v.parse(Runs, await askExtension(browser, 'run.list', {}));
    try {
      await agent.ask(v.unknown(), ['run', 'Nightly']);
      await expect.poll(async () => (await runs())[0]?.state).toBe('running');
      const [run] = await runs();
      await browser.stopWorker();
      expect((await runs()).map(({ id, state }) => [id, state])).toEqual([[run?.id, 'running']]);
      await askExtension(browser, 'run.cancel', { id: run?.id });
    } finally {
      fault.remove();
    }
    await expect.poll(async () => (await runs())[0]?.state).not.toBe('running');
  });

  test('leaves no token in the profile, in the agent’s home, or in what either has said', async () => {
    const { bitbucket, agent, browser, page, ours, alice } = journey;
    const said: string[] = [];
    browser.context.on('console', (message) => said.push(message.text()));
    await openTokens(page, bitbucket);
    await ours.click(create);
    await ours.click(confirm);
    await ours.read(/is in GitProtect/);
    const canary = bitbucket.state.tokens.findLast(({ scope }) => scope.target === alice)?.secret ?? '';
    expect(canary).toMatch(/^BBDC-/);
    expect(await holding(browser.profile, canary)).toEqual([]);
    expect(await holding(agent.home, canary)).toEqual([]);
    expect([...said, agent.printed()].filter((text) => text.includes(canary))).toEqual([]);
    // The search finds what is there.
    await writeFile(join(browser.profile, 'planted'), `-${canary}-`);
    expect(await holding(browser.profile, canary)).toHaveLength(1);
  });
});
