import { sameUser, type Credential } from './credential.ts';
import type { PlanAccount } from './plan.ts';

/** What decides over a plan's accounts. */
interface Choice {
  readonly projectIds: readonly string[];
  /** Toggled on. */
  readonly credentialIds: readonly string[];
}

/** The accounts a plan over these projects could use, each project's own first: the same in the agent and in a plan that is being edited. */
export function planAccounts({ projectIds, credentialIds }: Choice, credentials: readonly Credential[]): PlanAccount[] {
  const here = credentials
    .map((credential) => ({ credential, ties: credential.attachments.filter(({ projectId }) => projectIds.includes(projectId)) }))
    .filter(({ ties }) => ties.length > 0)
    .map(({ credential, ties }) => ({ credential, own: ties.some((tie) => tie.own) }))
    .toSorted((one, other) => Number(other.own) - Number(one.own));
  return here.map(({ credential, own }, index) => ({
    credentialId: credential.id,
    name: credential.name,
    ownerSlug: credential.owner?.slug ?? null,
    health: credential.health,
    own,
    enabled: credentialIds.includes(credential.id),
    sameUserAs: here.slice(0, index).find((before) => sameUser(before.credential, credential))?.credential.id ?? null,
  }));
}
