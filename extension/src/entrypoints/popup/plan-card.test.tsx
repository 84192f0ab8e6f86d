import { AppError } from '@gitprotect/shared/errors';
import type { Plan } from '@gitprotect/shared/plan';
import { render } from 'preact';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type Script, type Scripted, scripted } from '../../ui/scripted-store.ts';
import { StoreContext } from '../../ui/store/use-store.ts';
import { PlanCard } from './plan-card.tsx';

const health = { state: 'healthy', checkedAt: null, message: null } as const;
const plan: Plan = {
  id: 'n1',
  name: 'Nightly',
  projectIds: ['p1'],
  schedule: null,
  window: null,
  share: 80,
  keep: {},
  additional: { enabled: true, credentialIds: [] },
  leaveOut: [],
  copyTo: null,
  createdAt: '2026-11-01T00:00:00.000Z',
  accounts: [
    { credentialId: 'c1', name: 'backup-nightly', ownerSlug: 'ann', health, own: true, enabled: false, sameUserAs: null },
    {
      credentialId: 'c2',
      name: 'ci-clone',
      ownerSlug: 'bob',
      health: { ...health, state: 'expired' },
      own: false,
      enabled: false,
      sameUserAs: null,
    },
    { credentialId: 'c3', name: 'spare', ownerSlug: 'ann', health, own: false, enabled: false, sameUserAs: 'c1' },
  ],
  users: 1,
  repos: 53,
  lastRun: null,
  nextDue: null,
  running: null,
  warnings: [],
};

let root: HTMLElement;
beforeEach(() => {
  root = document.createElement('div');
  document.body.append(root);
});
afterEach(() => {
  render(null, root);
  root.remove();
});

function draw(script: Script): Scripted {
  const page = scripted(script);
  render(
    <StoreContext.Provider value={page.store}>
      <PlanCard plan={plan} />
    </StoreContext.Provider>,
    root,
  );
  return page;
}

/** The control that a person or a screen reader knows by this name. */
function control(name: string): HTMLButtonElement {
  const labelled = [...root.querySelectorAll('label')].find(({ textContent }) => textContent?.includes(name));
  const found = labelled ? root.querySelector(`[id="${labelled.htmlFor}"]`) : root.querySelector(`[aria-label="${name}"]`);
  if (!(found instanceof HTMLButtonElement)) throw new Error(`no control called ${name}`);
  return found;
}

describe('a plan in the popup', () => {
  test('names what is wrong with an account, and why one adds nothing', () => {
    using _ = draw({});
    expect(root.textContent).toContain('expired');
    expect(root.textContent).toContain('same user as backup-nightly: adds no throughput');
    expect(root.textContent).toContain('1 user does the work');
    expect(control('ci-clone').getAttribute('aria-checked')).toBe('false');
  });

  test('can be saved once something differs, and not after it was put back', async () => {
    using _ = draw({});
    expect(control('Save Nightly').disabled).toBe(true);
    control('spare').click();
    await vi.waitFor(() => expect(control('Save Nightly').disabled).toBe(false));
    control('spare').click();
    await vi.waitFor(() => expect(control('Save Nightly').disabled).toBe(true));
  });

  test('sends the switch with the toggles, and confirms', async () => {
    using page = draw({ 'plan.edit': plan });
    control('spare').click();
    await vi.waitFor(() => expect(control('Save Nightly').disabled).toBe(false));
    control('Save Nightly').click();
    await vi.waitFor(() => expect(root.textContent).toContain('Saved.'));
    expect(page.calls).toEqual([
      { method: 'plan.edit', params: { id: 'n1', changes: { additional: { enabled: true, credentialIds: ['c3'] } } } },
    ]);
  });

  test('keeps the edits when saving fails, and says what to do', async () => {
    using _ = draw({ 'plan.edit': () => Promise.reject(new AppError('connection-lost', 'the agent is away', { remedy: 'start it' })) });
    control('spare').click();
    await vi.waitFor(() => expect(control('Save Nightly').disabled).toBe(false));
    control('Save Nightly').click();
    await vi.waitFor(() => expect(root.querySelector('[role="alert"]')?.textContent).toBe('The agent is away. Start it.'));
    expect(control('spare').getAttribute('aria-checked')).toBe('true');
    expect(control('Save Nightly').disabled).toBe(false);
  });

  test('hides the toggles while the switch is off', async () => {
    using _ = draw({});
    control('Additional git credentials').click();
    await vi.waitFor(() => expect(root.textContent).not.toContain('ci-clone'));
  });
});
