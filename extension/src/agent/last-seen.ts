import type { Result } from '@gitprotect/shared/protocol';
import * as v from 'valibot';
import { browser } from 'wxt/browser';

const LastSeen = v.object({
  /** ISO 8601. */
  at: v.string(),
  plans: v.array(v.object({ name: v.string(), lastRun: v.nullable(v.object({ state: v.string(), startedAt: v.string() })) })),
});
/** What the agent was doing when it last answered, for the pages while it does not. No secrets. */
export type LastSeen = v.InferOutput<typeof LastSeen>;

export async function readLastSeen(): Promise<LastSeen | null> {
  const stored = await browser.storage.local.get('lastSeen');
  const parsed = v.safeParse(LastSeen, stored['lastSeen']);
  return parsed.success ? parsed.output : null;
}

export async function writeLastSeen(at: Date, plans: Result<'plan.list'>): Promise<void> {
  const lastSeen: LastSeen = {
    at: at.toISOString(),
    plans: plans.map(({ name, lastRun }) => ({ name, lastRun: lastRun && { state: lastRun.state, startedAt: lastRun.startedAt } })),
  };
  await browser.storage.local.set({ lastSeen });
}
