import type { AdditionalCredentials } from '@gitprotect/shared/plan';

/** A credential's tie to a project, as far as plans care. */
export interface Tie {
  readonly credentialId: string;
  readonly projectId: string;
  readonly own: boolean;
}

/**
 * The credentials a plan may use for one project: the project's own one always; an additional one only while the plan's
 * *Additional git credentials* switch is on and that account's toggle is on.
 */
export function credentialsInUse(additional: AdditionalCredentials, ties: readonly Tie[], projectId: string): string[] {
  const here = ties.filter((tie) => tie.projectId === projectId);
  const own = here.filter((tie) => tie.own);
  const others = additional.enabled ? here.filter((tie) => !tie.own && additional.credentialIds.includes(tie.credentialId)) : [];
  return [...own, ...others].map((tie) => tie.credentialId);
}
