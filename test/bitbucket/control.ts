import { createServer, type Server } from 'node:http';
import type { Fault, When } from './faults.ts';
import { tokenPageVariants } from './pages/index.ts';
import type { Simulator } from './simulator.ts';

/** The faults a person can switch by name; tests use `simulator.faults` and have all of them. */
const switches: Readonly<Record<string, { readonly fault: Fault; readonly when: When; readonly says: string }>> = {
  slow: { fault: { kind: 'delay', milliseconds: 2000 }, when: {}, says: 'every answer takes two seconds longer' },
  throttled: {
    fault: { kind: 'throttle', retryAfter: 10 },
    when: { path: /^\/(?:rest|scm)\// },
    says: 'REST and git answer 429, Retry-After: 10',
  },
  unavailable: { fault: { kind: 'unavailable' }, when: { path: /^\/(?:rest|scm)\// }, says: 'REST and git answer 503' },
  reset: { fault: { kind: 'reset' }, when: { path: /^\/scm\// }, says: 'git connections are reset' },
  cut: { fault: { kind: 'cut', at: 3000 }, when: { git: 'fetch' }, says: 'packs are cut after 3000 bytes' },
  corrupt: { fault: { kind: 'flip', at: 1500 }, when: { git: 'fetch' }, says: 'one bit of each pack is wrong' },
  stalled: { fault: { kind: 'stall', at: 1500 }, when: { git: 'fetch' }, says: 'packs stop coming and the socket stays open' },
  silent: { fault: { kind: 'empty' }, when: { git: ['ls-refs', 'fetch'] }, says: 'git answers 200 with nothing' },
  'login-page': { fault: { kind: 'login-page' }, when: { path: /^\/rest\// }, says: 'REST answers an HTML login page' },
  old: { fault: { kind: 'no-v2' }, when: {}, says: 'git speaks protocol v0 only' },
};

const escape = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

const button = (path: string, on: boolean, text: string): string =>
  `<form method="post" action="/${path}"><button aria-pressed="${on}">${on ? 'On' : 'Off'}</button> ${escape(text)}</form>`;

const row = (cells: readonly string[]): string => `<tr>${cells.map((cell) => `<td>${escape(cell)}</td>`).join('')}</tr>`;

/** A page on a port of its own that shows who is who and switches faults, limits and the token page's markup. */
export class Control implements AsyncDisposable {
  readonly #simulator: Simulator;
  readonly #server: Server;
  readonly #on = new Map<string, { remove(): void }>();

  private constructor(simulator: Simulator) {
    this.#simulator = simulator;
    this.#server = createServer((request, response) => {
      const { pathname } = new URL(request.url ?? '/', 'http://localhost');
      if (request.method === 'POST') {
        const known = this.#change(pathname.slice(1).split('/').map(decodeURIComponent));
        response.writeHead(known ? 303 : 404, { Location: '/' }).end();
        return;
      }
      response.writeHead(200, { 'Content-Type': 'text/html;charset=UTF-8' }).end(this.#page());
    });
  }

  /** @param port 0 takes any. */
  static async start(simulator: Simulator, port: number): Promise<Control> {
    const control = new Control(simulator);
    await new Promise<void>((resolve, reject) => {
      control.#server.once('error', reject);
      control.#server.listen(port, '127.0.0.1', resolve);
    });
    return control;
  }

  get url(): string {
    const address = this.#server.address();
    return `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
    });
  }

  /** `fault/cut` toggles, `limits` toggles, `csp` toggles, `page/<variant>` chooses the token page. False for anything else. */
  #change([what = '', name = '']: string[]): boolean {
    const { faults, limits, tokenPage } = this.#simulator;
    const wanted = switches[name];
    const variant = tokenPageVariants.find((candidate) => candidate === name);
    if (what === 'fault' && wanted !== undefined) {
      const on = this.#on.get(name);
      on?.remove();
      if (on === undefined) this.#on.set(name, faults.add(wanted.fault, wanted.when));
      else this.#on.delete(name);
    } else if (what === 'limits') limits.enabled = !limits.enabled;
    else if (what === 'csp') tokenPage.csp = !tokenPage.csp;
    else if (what === 'page' && variant !== undefined) tokenPage.variant = variant;
    else return false;
    return true;
  }

  #page(): string {
    const { state, limits, tokenPage, url, requests } = this.#simulator;
    const people = state.users.filter(({ type }) => type === 'NORMAL');
    const owner = (token: (typeof state.tokens)[number]) => `${token.scope.kind} ${token.scope.target.name}`;
    const recent = requests.slice(-15).toReversed();
    return `<!DOCTYPE html><html lang="en"><meta charset="utf-8"><title>Simulator</title>
<style>body{font:15px/1.5 system-ui;max-width:60rem;margin:2rem auto}td{padding:.1rem 1rem .1rem 0;font-family:monospace}form{margin:.3rem 0}</style>
<h1>Bitbucket simulator</h1><p><a href="${url}">${url}</a></p>
<h2>Users</h2><table>${people.map((user) => row([user.name, user.password, user.admin ? 'administrator' : ''])).join('')}</table>
<h2>Tokens</h2><table>${state.tokens.map((token) => row([owner(token), token.name, token.secret])).join('')}</table>
<h2>Faults</h2>${Object.entries(switches)
      .map(([name, { says }]) => button(`fault/${name}`, this.#on.has(name), `${name}: ${says}`))
      .join('')}
<h2>Limits and pages</h2>${button('limits', limits.enabled, `rate limit: ${limits.defaults.capacity} requests, ${limits.defaults.fillRate} more a second`)}
${button('csp', tokenPage.csp, 'strict Content-Security-Policy')}
${tokenPageVariants.map((variant) => button(`page/${variant}`, tokenPage.variant === variant, `token page: ${variant}`)).join('')}
<h2>Last requests</h2><table>${recent.map((record) => row([String(record.status), record.method, record.path, record.user ?? '', record.git ?? ''])).join('')}</table></html>`;
  }
}
