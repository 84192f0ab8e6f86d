import { connect, pair } from '@gitprotect/shared/channel-client';
import { type ErrorReport, reportOf } from '@gitprotect/shared/errors';
import { browser } from 'wxt/browser';
import { defineBackground } from 'wxt/utils/define-background';
import { showAttention } from '../agent/attention.ts';
import { AgentConnection } from '../agent/connection.ts';
import { keyStore } from '../agent/key-store.ts';
import { readLastSeen, writeLastSeen } from '../agent/last-seen.ts';
import { localCalls } from '../agent/local-calls.ts';
import { type PushedEvent, eventsPort } from '../agent/messages.ts';
import { relay } from '../agent/relay.ts';
import { identify } from '../agent/sender.ts';
import { Watchers } from '../agent/watchers.ts';
import { type Route, hashOf } from '../routes.ts';
import { permittedSites, syncSites } from '../sites.ts';

const ourselves = { kind: 'management' } as const;
const look = 'look';

/** Everything here is wiring: it runs anew each time the worker wakes, and remembers nothing of its own. */
export default defineBackground({
  type: 'module',
  main() {
    const self = { id: browser.runtime.id, root: browser.runtime.getURL('/') };
    const dialler = { socket: (url: string, protocol: string) => new WebSocket(url, protocol), origin: new URL(self.root).origin };

    const heard = (event: PushedEvent) => {
      watchers.tell(event);
      const news = event.name === 'changed' || (event.name === 'connection' && event.body.state === 'connected');
      if (news) void catchUp().catch(() => undefined);
    };
    const connection = new AgentConnection({
      dial: (agent) => connect({ ...dialler, agent, caller: ourselves }),
      pair: (code) => pair({ ...dialler, code, name: self.root.startsWith('moz-') ? 'Firefox' : 'Chrome' }),
      keys: keyStore,
      lastSeen: readLastSeen,
      heard,
    });
    const watchers = new Watchers({
      look: () => connection.look(),
      random: () => (crypto.getRandomValues(new Uint32Array(1))[0] ?? 0) / 2 ** 32,
    });

    /** What pages show while the agent is away, and the number on the button. */
    const catchUp = async () => {
      const status = await connection.call('agent.status', {}, ourselves);
      await showAttention(status);
      await writeLastSeen(new Date(), await connection.call('plan.list', {}, ourselves));
      await announceSites();
    };
    /** A site may be enabled before the pairing; the agent hears of it as soon as it can. It says itself what is wrong with one. */
    const announceSites = async () => {
      const refused = new Map<string, ErrorReport>();
      const known = await connection.call('server.list', {}, ourselves).catch(() => null);
      // Not connected: the next connection announces them.
      if (known === null) return refused;
      const unknown = (await permittedSites()).filter((site) => known.every(({ url }) => url !== site));
      const told = unknown.map((url) =>
        connection.call('server.add', { url }, ourselves).catch((error: unknown) => refused.set(url, reportOf(error))),
      );
      await Promise.all(told);
      return refused;
    };

    const answer = relay({
      self,
      sites: permittedSites,
      call: (method, params, from) => connection.relay(method, params, from),
      local: localCalls({ connection, announceSites, open }),
    });

    browser.runtime.onMessage.addListener((message: unknown, sender, sendResponse) => {
      const answering = answer(message, sender);
      void answering?.then(sendResponse);
      return answering !== undefined;
    });
    browser.runtime.onConnect.addListener((port) => {
      if (port.name !== eventsPort || port.sender === undefined || identify(port.sender, self, [])?.kind !== 'management') {
        port.disconnect();
        return;
      }
      const watcher = { send: (event: PushedEvent) => port.postMessage(event) };
      port.onDisconnect.addListener(() => watchers.remove(watcher));
      void watchers.add(watcher);
    });

    browser.runtime.onInstalled.addListener(() => void syncSites());
    browser.runtime.onStartup.addListener(() => void syncSites());
    browser.permissions.onAdded.addListener(() => void syncSites());
    browser.permissions.onRemoved.addListener(() => void syncSites());

    void browser.alarms.create(look, { periodInMinutes: 30 });
    browser.alarms.onAlarm.addListener(({ name }) => {
      if (name === look) void connection.look();
    });
    void guardStorage();
  },
});

/** Content scripts can read `storage.local` unless told otherwise; Firefox knows no other way than to keep secrets out of it, and we do. */
async function guardStorage(): Promise<void> {
  await browser.storage.local.setAccessLevel?.({ accessLevel: 'TRUSTED_CONTEXTS' });
}

async function open(route: Route): Promise<void> {
  await browser.tabs.create({ url: browser.runtime.getURL('/management.html') + hashOf(route) });
}
