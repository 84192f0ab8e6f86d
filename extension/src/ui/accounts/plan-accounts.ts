import type { Credential } from '@gitprotect/shared/credential';
import type { AdditionalCredentials, PlanAccount } from '@gitprotect/shared/plan';
import { planAccounts } from '@gitprotect/shared/plan-accounts';
import { isDead } from '../words/account-words.ts';

/** The accounts a plan over these projects could use: as the agent will see it once the plan is saved. */
export function accountsFor(projectIds: readonly string[], credentials: readonly Credential[]): PlanAccount[] {
  return planAccounts({ projectIds, credentialIds: [] }, credentials);
}

/** Whether an account would serve under these settings. */
function isUsed({ credentialId, own }: PlanAccount, { enabled, credentialIds }: AdditionalCredentials): boolean {
  return own || (enabled && credentialIds.includes(credentialId));
}

/** Different users among the accounts that would serve: the unit of throughput. A project token is a user of its own. */
export function usersOf(accounts: readonly PlanAccount[], additional: AdditionalCredentials): number {
  const used = accounts.filter((account) => isUsed(account, additional) && !isDead(account.health));
  return new Set(used.map(({ ownerSlug, credentialId }) => ownerSlug ?? `token ${credentialId}`)).size;
}

/** Settings with one account toggled. */
export function toggled({ enabled, credentialIds }: AdditionalCredentials, id: string, on: boolean): AdditionalCredentials {
  const others = credentialIds.filter((one) => one !== id);
  return { enabled, credentialIds: on ? [...others, id] : others };
}

/** Whether two settings mean the same: the order of accounts means nothing. */
export function sameAdditional(one: AdditionalCredentials, other: AdditionalCredentials): boolean {
  return (
    one.enabled === other.enabled &&
    new Set(one.credentialIds).size === new Set(other.credentialIds).size &&
    one.credentialIds.every((id) => other.credentialIds.includes(id))
  );
}

/** Why an account adds nothing, where it does not: another of the same user is there, of which one is named. */
export function sameUserText(account: PlanAccount, accounts: readonly PlanAccount[]): string | null {
  const twin = accounts.find(({ credentialId }) => credentialId === account.sameUserAs);
  return twin === undefined ? null : `same user as ${twin.name}: adds no throughput`;
}
