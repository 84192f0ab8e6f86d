import type { CompactPlan } from '@gitprotect/shared/compact';
import { chainsIn } from './compact-repo.ts';
import { type CompactParts, type CompactScope, reposToCompact } from './compact.ts';
import { mergedTo } from './neighbours.ts';

/** What a compaction would do with each repo. Nothing is changed. */
export async function planCompact({ db, place }: CompactParts, scope: CompactScope, signal: AbortSignal): Promise<CompactPlan> {
  const repos: CompactPlan['repos'] = [];
  for (const last of await reposToCompact(db, place.catalogue, scope)) {
    signal.throwIfAborted();
    const { projectKey, slug } = last;
    const entry = await place.catalogue.find({ repo: last, snapshotId: last.id });
    const { written } = await place.catalogue.manifest(entry, { signal });
    const { manifest, unsigned } = (await place.catalogue.chains(last, { signal })).resolve(written);
    if (unsigned !== null) continue;
    const chains = chainsIn(manifest);
    const [bundles, metadata] = [mergedTo(chains.bundles), mergedTo(chains.metadata)];
    if (bundles.bytes + metadata.bytes > 0) repos.push({ projectKey, slug, bundles, metadata });
  }
  return { repos };
}
