import type { Result } from '@gitprotect/shared/protocol';
import { browser } from 'wxt/browser';

/** Says on the toolbar button how many things need a person; `null` when the agent does not answer. */
export async function showAttention(status: Result<'agent.status'> | null): Promise<void> {
  const count = status?.needs.length ?? 0;
  await browser.action.setBadgeText({ text: count === 0 ? '' : String(count) });
  await browser.action.setBadgeBackgroundColor({ color: '#974f0c' });
}
