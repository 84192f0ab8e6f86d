/**
 * Loads what an agent that stays works with, which commands load when they want it: with its files replaced by an upgrade meanwhile, it would else run with
 * half of each version. Storages of other kinds bring large libraries, and load when one is opened.
 */
export async function loadWork(): Promise<void> {
  await Promise.all([
    import('./place.ts'),
    import('./run-parts.ts'),
    import('./backup/run.ts'),
    import('./upkeep-steps.ts'),
    import('./git/http.ts'),
    import('./catalogue/follow-lists.ts'),
    import('./bitbucket/client.ts'),
    import('./channel/restore-to-server.ts'),
    import('./restore/to-folder.ts'),
    import('./restore/to-archive.ts'),
    import('./restore/live-record.ts'),
    import('./backup/prune/plan-prune.ts'),
    import('./backup/compact/plan-compact.ts'),
    import('./repair-from-copies.ts'),
    import('./proof/verify.ts'),
    import('./doctor/examine.ts'),
    import('age-encryption'),
    import('simple-git'),
  ]);
}
