import type { PlanAccount } from '@gitprotect/shared/plan';
import type { ComponentChildren } from 'preact';
import { Lozenge } from '../parts/lozenge.tsx';
import { healthWord } from '../words/account-words.ts';

/** An account: its name, whose it is, and what is wrong with it, if anything. */
export function AccountName({ account }: { account: PlanAccount }) {
  const { name, ownerSlug, health } = account;
  return (
    <span class="account">
      <span class="name">{name}</span> <small>{ownerSlug ?? 'project token'}</small>{' '}
      {health.state !== 'healthy' && <Lozenge {...healthWord(health)} />}
    </span>
  );
}

/** One that has no toggle. */
export function AccountLine({ account, children }: { account: PlanAccount; children: ComponentChildren }) {
  return (
    <div class="account-line">
      <AccountName account={account} />
      {children}
    </div>
  );
}
