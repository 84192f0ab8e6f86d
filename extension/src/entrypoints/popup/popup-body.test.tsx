import { render } from 'preact';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Connection } from '../../agent/messages.ts';
import { type Script, scripted } from '../../ui/scripted-store.ts';
import { StoreContext } from '../../ui/store/use-store.ts';
import { PopupBody } from './popup-body.tsx';

let root: HTMLElement;
beforeEach(() => {
  root = document.createElement('div');
  document.body.append(root);
});
afterEach(() => {
  render(null, root);
  root.remove();
});

function draw(connection: Connection, script: Script = {}): void {
  const { store } = scripted(script, connection);
  render(
    <StoreContext.Provider value={store}>
      <PopupBody connection={connection} />
    </StoreContext.Provider>,
    root,
  );
}

describe('the popup says', () => {
  test('how to pair', () => {
    draw({ state: 'unpaired' });
    expect(root.textContent).toContain('npx gitprotect-agent pair');
    expect(root.querySelector('button[type="submit"]')?.textContent).toBe('Pair');
  });

  test('that backups may have stopped, how to start the agent, and what it last did', () => {
    const lastSeen = {
      at: '2026-11-22T11:00:00.000Z',
      plans: [{ name: 'Nightly', lastRun: { state: 'partial', startedAt: '2026-11-22T02:00:00.000Z' } }],
    };
    draw({ state: 'offline', port: 7717, lastSeen });
    expect(root.querySelector('[role="alert"]')?.textContent).toContain('Backups on this machine may have stopped.');
    expect(root.textContent).toContain('npx gitprotect-agent start');
    expect(root.textContent).toMatch(/Nightly: last run .*, partly failed/);
  });

  test('loudly that something else answers', () => {
    draw({ state: 'not-your-agent', port: 7717 });
    expect(root.querySelector('.bad[role="alert"]')?.textContent).toContain('127.0.0.1:7717');
  });

  test('why the agent refused, and the next step', () => {
    draw({ state: 'refused', error: { code: 'protocol-version', message: 'the agent is newer', remedy: 'update the extension' } });
    expect(root.querySelector('[role="alert"]')?.textContent).toContain('The agent is newer. Update the extension.');
  });

  test('what comes first when there is nothing yet', async () => {
    draw({ state: 'connected', port: 7717 }, { 'plan.list': [] });
    await vi.waitFor(() => expect(root.querySelector('a.button')?.getAttribute('href')).toBe('management.html#/bitbucket/new'));
  });
});
