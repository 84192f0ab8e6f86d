import { AppError } from '@gitprotect/shared/errors';
import type { Credential } from '@gitprotect/shared/credential';
import { render } from 'preact';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type Script, scripted } from '../scripted-store.ts';
import { StoreContext } from '../store/use-store.ts';
import { TokenForm } from './token-form.tsx';

const secret = `BBDC-${btoa('123456789012:canary-canary-canary').slice(0, 44)}`;
const credential: Credential = {
  id: 'c9',
  serverId: 's1',
  name: 'ci-clone',
  tokenId: '123456789012',
  kind: 'user',
  owner: null,
  permissions: null,
  expiresAt: null,
  health: { state: 'healthy', checkedAt: null, message: null },
  attachments: [],
  plans: [],
  addedAt: '2026-11-01T00:00:00.000Z',
  lastUsedAt: null,
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

const field = () => root.querySelector<HTMLInputElement>('input[type="password"]');
const save = () => root.querySelector<HTMLButtonElement>('button[type="submit"]');

async function pasteAndSave(script: Script) {
  const page = scripted({ 'project.list': [], 'credential.list': [], ...script });
  const added = vi.fn<() => void>();
  render(
    <StoreContext.Provider value={page.store}>
      <TokenForm serverId="s1" projectId="p1" onAdded={added} />
    </StoreContext.Provider>,
    root,
  );
  const input = field();
  if (input === null) throw new Error('no field for the token');
  input.value = secret;
  input.dispatchEvent(new Event('input', { bubbles: true }));
  await vi.waitFor(() => expect(save()?.disabled).toBe(false));
  save()?.click();
  return { page, added };
}

describe('the field for a token', () => {
  test('is emptied as soon as the agent has the secret, and nothing of it stays in the page', async () => {
    const { page, added } = await pasteAndSave({
      'credential.add': { credential, known: false, sees: { projects: 1, repos: 1 }, plans: [] },
    });
    await vi.waitFor(() => expect(added).toHaveBeenCalledOnce());
    expect(page.calls).toContainEqual({ method: 'credential.add', params: { serverId: 's1', token: secret, projectIds: ['p1'] } });
    await vi.waitFor(() => expect(field()?.value).toBe(''));
    expect(root.innerHTML).not.toContain(secret);
    page[Symbol.dispose]();
  });

  test('keeps what was pasted when Bitbucket refuses it, with the reason', async () => {
    const { page, added } = await pasteAndSave({
      'credential.add': () => Promise.reject(new AppError('token-rejected', 'Bitbucket refuses this token', { remedy: 'create another' })),
    });
    await vi.waitFor(() =>
      expect(root.querySelector('.result [role="alert"]')?.textContent).toContain('Bitbucket refuses this token. Create another.'),
    );
    expect(field()?.value).toBe(secret);
    expect(added).not.toHaveBeenCalled();
    page[Symbol.dispose]();
  });
});
