import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { getCACertificates } from 'node:tls';
import { formatCount } from '@gitprotect/shared/format';
import { clonePath } from '../../bitbucket/git-access.ts';
import { waitOut } from '../../bitbucket/wait-out.ts';
import type { ResolvedManifest } from '../../catalogue/next-manifest.ts';
import { pushAll } from '../../git/push.ts';
import { listRefs } from '../../git/list-refs.ts';
import { gitConnections, undiciTransport } from '../../git/http.ts';
import type { GitHost } from '../../git/run-git.ts';
import type { Clock } from '../../lib/clock.ts';
import type { Secret } from '../../lib/secret.ts';
import type { ChainPlace } from '../chain-packs.ts';
import { rebuildSnapshot } from '../rebuild.ts';
import type { Ledger } from './ledger.ts';

/** Where a repo is pushed to. */
export interface GitTarget {
  readonly baseUrl: string;
  readonly repo: { readonly projectKey: string; readonly slug: string };
  readonly token: Secret;
  /** PEM of certificates to trust beside the machine's own. */
  readonly ca: string | null;
}

/** Branches and tags of a snapshot: what a server takes. Refs of pull requests it makes itself, and others it refuses. */
export function pushable({ refs }: ResolvedManifest): Map<string, string> {
  return new Map([...refs].filter(([name]) => /^refs\/(?:heads|tags)\//.test(name)).map(([name, { oid }]) => [name, oid]));
}

export const refsText = (snapshot: ResolvedManifest): string => {
  const names = [...pushable(snapshot).keys()];
  const heads = names.filter((name) => name.startsWith('refs/heads/')).length;
  const tags = names.length - heads;
  return tags === 0
    ? formatCount(heads, 'branch', 'branches')
    : `${formatCount(heads, 'branch', 'branches')} and ${formatCount(tags, 'tag')}`;
};

/** Rebuilds the snapshot in `dir`. @returns whether it came out whole */
export async function rebuildIn(
  dir: string,
  snapshot: ResolvedManifest,
  place: ChainPlace,
  { host, ledger }: { host: GitHost; ledger: Ledger },
): Promise<boolean> {
  const holes = snapshot.manifest.lost.filter(({ kind }) => kind === 'object').length;
  if (holes > 0) {
    const what = `the server it comes from had lost ${formatCount(holes, 'object')}`;
    ledger.add('git', 'the backup itself', 'failed', `${what}: git pushes no history with holes; restore it into a folder`);
    return false;
  }
  const { verified, differences, fsck } = await rebuildSnapshot(dir, snapshot, place, { host });
  if (!verified) ledger.add('git', 'the backup itself', 'failed', [...differences, ...fsck].slice(0, 3).join('; '));
  return verified;
}

/** Pushes all branches and tags, then lists what the server has. */
export async function pushRefs(
  dir: string,
  snapshot: ResolvedManifest,
  target: GitTarget,
  { host, ledger, clock }: { host: GitHost; ledger: Ledger; clock: Clock },
): Promise<void> {
  const { baseUrl, repo, token, ca } = target;
  const url = baseUrl + clonePath(repo);
  const what = refsText(snapshot);
  const wanted = pushable(snapshot);
  if (wanted.size === 0) {
    ledger.add('git', what, 'restored');
    return;
  }
  const caFile = join(dir, 'gitprotect-ca.pem');
  if (ca !== null) await writeFile(caFile, [...getCACertificates('default'), ca].join('\n'));
  const rejected = await waitOut(() => pushAll(dir, { url, token, ...(ca !== null && { caFile }) }, host), { clock, signal: host.signal });
  for (const { ref, reason } of rejected) ledger.add('git', ref, 'failed', `the server did not take it: ${reason}`);
  await using dispatcher = closing(gitConnections(ca === null ? {} : { ca }));
  const transport = undiciTransport({ url, token, dispatcher: dispatcher.agent });
  const listing = await waitOut(() => listRefs(transport, { signal: host.signal }), { clock, signal: host.signal });
  if (listing.unchanged) return;
  const there = listing.refs;
  const differing = [...wanted].filter(([name, oid]) => there.get(name)?.oid !== oid && !rejected.some(({ ref }) => ref === name));
  for (const [name] of differing) ledger.add('git', name, 'differs', 'the server has it elsewhere, or not at all');
  if (rejected.length + differing.length === 0) ledger.add('git', what, 'restored');
}

function closing(agent: ReturnType<typeof gitConnections>) {
  return { agent, [Symbol.asyncDispose]: () => agent.close() };
}
