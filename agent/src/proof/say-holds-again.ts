import { Catalogue } from '../catalogue/catalogue.ts';
import { holdsKnown, lastListed, sayHold } from '../catalogue/holds.ts';
import type { NamedHash } from '../catalogue/ledger-list.ts';
import { newId } from '../lib/id.ts';
import { holdFolder, kindOf, manifestFolder, manifestName, type ObjectKind, type RepoPlace } from '../storage/layout.ts';
import { letGo } from '../storage/let-go.ts';
import type { Finding } from './look-over.ts';
import type { ProofPlace } from './place.ts';

type HoldKind = Extract<ObjectKind, { readonly kind: 'hold' }>;

/**
 * Puts words about holds right that are not as they were written. Where it was the last word about a snapshot, which then counts as a hold, this agent
 * says what it knows once more, or that the snapshot is held, since only a person may let it go; the damaged word leaves the lists and the storage.
 * @returns the findings, those about holds with what became of them
 */
export async function sayHoldsAgain(
  place: ProofPlace,
  serverId: string,
  found: readonly Finding[],
  { now, signal }: { readonly now: number; readonly signal: AbortSignal },
): Promise<Finding[]> {
  const told: Finding[] = [];
  const added: NamedHash[] = [];
  const removed: string[] = [];
  for (const one of found) {
    const kind = kindOf(one.object);
    if (kind.kind !== 'hold') {
      told.push(one);
      continue;
    }
    const said = await saidAgain(place, kind, { name: one.object, now, signal });
    if (said.word !== null) added.push(said.word);
    removed.push(one.object);
    told.push({ ...one, message: `${one.message}: ${said.message}`, remedy: said.remedy });
  }
  if (removed.length === 0) return told;
  await place.ledger.append(serverId, { id: newId('verify'), added, removed }, signal);
  for (const name of removed) await letGo(() => place.plain.remove(name));
  return told;
}

async function saidAgain(
  { db, plain: storage, keys, ledger }: ProofPlace,
  repo: HoldKind,
  { name, now, signal }: { readonly name: string; readonly now: number; readonly signal: AbortSignal },
): Promise<{ word: NamedHash | null; message: string; remedy: string }> {
  const { id: snapshotId } = repo;
  const nothing = 'nothing: it was taken out; find out who can change the storage';
  const listed = await ledger.standingBelow(repo.serverId, holdFolder(repo));
  if (lastListed(listed, snapshotId) > repo.number)
    return { word: null, message: 'a later word about the snapshot counts', remedy: nothing };
  const manifests = await ledger.standingBelow(repo.serverId, manifestFolder(repo));
  const manifest = manifestName(repo, snapshotId);
  if (!manifests.has(manifest) && (await storage.stat(manifest)) === undefined)
    return { word: null, message: 'the snapshot it is about is gone', remedy: nothing };
  const known = (await holdsKnown(db, repo)).find((hold) => hold.snapshotId === snapshotId);
  const word = known ?? { reason: `${name} was damaged`, at: new Date(now).toISOString() };
  const said = { snapshotId, held: true, reason: word.reason, at: word.at };
  const stored = await sayHold({ storage, keys, db }, repo, said, { listed, signal });
  if (known !== undefined)
    return {
      word: stored,
      message: `it says that snapshot ${snapshotId} is on hold, which it still is`,
      remedy: 'nothing: it was said again from what this agent knows; find out who can change the storage',
    };
  return {
    word: stored,
    message: `what it says of snapshot ${snapshotId} is lost, so that counts as held and is not pruned`,
    remedy: `if nobody needs the snapshot held, release it: gitprotect-agent snapshots release ${await nameOf(db, repo)} ${snapshotId}; find out who can change the storage`,
  };
}

/** `PROJECT/slug`, as the last snapshot says. */
async function nameOf(db: ProofPlace['db'], { serverId, repoId }: RepoPlace): Promise<string> {
  const [last] = await Catalogue.listIn(db, { serverId, repoId, limit: 1 });
  return last === undefined ? `of repository ${repoId}` : `${last.projectKey}/${last.slug}`;
}
