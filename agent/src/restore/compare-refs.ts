import type { Head } from '../catalogue/manifest.ts';
import type { Refs } from '../catalogue/refs.ts';

/** Refs and HEAD of a repo. */
export interface RepoRefs {
  readonly refs: Refs;
  readonly head: Head;
}

/** Where a restored repo differs from its manifest, one line each; empty is the proof that it does not. */
export function compareRefs(recorded: RepoRefs, restored: RepoRefs): string[] {
  const differences: string[] = [];
  for (const [name, { oid }] of recorded.refs) {
    const now = restored.refs.get(name)?.oid;
    if (now === undefined) differences.push(`${name} is missing`);
    else if (now !== oid) differences.push(`${name} is ${now} and was ${oid}`);
  }
  for (const name of restored.refs.keys()) if (!recorded.refs.has(name)) differences.push(`${name} is new`);
  const [was, is] = [headText(recorded.head), headText(restored.head)];
  if (was !== undefined && was !== is) differences.push(`HEAD is ${is ?? 'nothing'} and was ${was}`);
  return differences;
}

/** What HEAD names; the commit it comes to is that of the branch. `undefined`: the server said nothing of it. */
function headText({ symbolic, oid }: Head): string | undefined {
  return symbolic ?? oid;
}
