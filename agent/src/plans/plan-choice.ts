import { sameUser, type Credential } from '@gitprotect/shared/credential';
import type { PlanChoice } from '@gitprotect/shared/protocol';
import type { Project } from '@gitprotect/shared/repo';
import type { StoredPlan } from './plan-store.ts';

/** A plan as it is offered for one credential; `null` when it has none of the projects the credential is attached to. */
export function planChoice(
  plan: StoredPlan,
  credential: Credential,
  { credentials, projects }: { readonly credentials: readonly Credential[]; readonly projects: readonly Project[] },
): PlanChoice | null {
  const ties = credential.attachments.filter(({ projectId }) => plan.projectIds.includes(projectId));
  if (ties.length === 0) return null;
  const atWork = credentials.filter(
    ({ id, attachments }) =>
      id !== credential.id &&
      attachments.some(
        ({ projectId, own }) =>
          plan.projectIds.includes(projectId) && (own || (plan.additional.enabled && plan.additional.credentialIds.includes(id))),
      ),
  );
  return {
    id: plan.id,
    name: plan.name,
    projectKeys: projects.filter(({ id }) => plan.projectIds.includes(id)).map(({ key }) => key),
    own: ties.some(({ own }) => own),
    enabled: ties.some(({ own }) => own) || (plan.additional.enabled && plan.additional.credentialIds.includes(credential.id)),
    sameUser: atWork.some((other) => sameUser(other, credential)),
  };
}
