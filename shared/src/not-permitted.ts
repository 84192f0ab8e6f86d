import { metadataKinds, type MetadataKind } from './metadata.ts';
import type { Job, Outcome } from './run.ts';

/** The kinds of this repo that no credential in use may read. */
export function notPermittedIn(outcome: Outcome | null): readonly MetadataKind[] {
  return outcome?.state === 'saved' || outcome?.state === 'unchanged' ? (outcome.notPermitted ?? []) : [];
}

/** Over all repos of a run: in how many there are such kinds, and which, in the usual order. */
export function notPermittedInRun(jobs: readonly Pick<Job, 'outcome'>[]): { readonly repos: number; readonly kinds: MetadataKind[] } {
  const found = jobs.map(({ outcome }) => notPermittedIn(outcome)).filter((kinds) => kinds.length > 0);
  const all = new Set(found.flat());
  return { repos: found.length, kinds: metadataKinds.filter((kind) => all.has(kind)) };
}
