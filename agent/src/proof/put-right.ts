import type { StorageProblem } from '@gitprotect/shared/proof';
import { Catalogue } from '../catalogue/catalogue.ts';
import { asAppError } from '@gitprotect/shared/errors';
import { objectsOf, type Manifest } from '../catalogue/manifest.ts';
import { renew } from '../catalogue/renewals.ts';
import { lfsOf } from '../restore/lfs/stored-lfs.ts';
import { kindOf, lfsName, manifestName, repoFolder, type RepoPlace } from '../storage/layout.ts';
import { damaged } from './checked-objects.ts';
import { giveUpFiles } from './heal.ts';
import type { Finding } from './look-over.ts';
import type { ProofPlace } from './place.ts';
import { repoProofs, type RepoProof } from './proofs.ts';

/** Says for each object whose it is and what hangs on it, and lets the next backup take anew what a newest snapshot lacks. */
export async function putRight(
  place: ProofPlace,
  serverId: string,
  found: readonly Finding[],
  signal: AbortSignal,
): Promise<StorageProblem[]> {
  if (found.length === 0) return [];
  const repos = (await repoProofs(place.db)).filter((repo) => repo.serverId === serverId);
  const broken = new Map(found.map((one) => [one.object, one]));
  const current = new Map<string, RepoProof[]>();
  for (const repo of repos) {
    const needs = await neededBy(place, repo, broken, signal);
    for (const object of needs) current.set(object, [...(current.get(object) ?? []), repo]);
    const [first] = needs;
    if (first !== undefined) await renew(place.db, repo, broken.get(first)?.message ?? first);
  }
  await giveUpFiles(
    place,
    serverId,
    found.filter(({ object }) => kindOf(object).kind === 'lfs' && current.has(object)),
    signal,
  );
  for (const { object } of found) {
    const kind = kindOf(object);
    // The next run reads the project anew where nothing is known of it.
    if (kind.kind === 'project')
      await place.db.deleteFrom('meta').where('name', '=', `project_metadata ${serverId} ${kind.projectId}`).execute();
  }
  const readers = new Map<string, Promise<Readers | null>>();
  const readersOf = (repo: RepoProof): Promise<Readers | null> => {
    const of = readers.get(repoFolder(repo)) ?? readersIn(place, repo, signal);
    readers.set(repoFolder(repo), of);
    return of;
  };
  return Promise.all(found.map((one) => described(place, one, { repos, current: current.get(one.object) ?? [], readersOf })));
}

/** Object -> the snapshots that are read from it, in order. */
type Readers = ReadonlyMap<string, readonly string[]>;

/** Which snapshots are read from which objects, where chains were merged; else `null`: then an object's own number says it. */
async function readersIn({ catalogue, db }: ProofPlace, repo: RepoProof, signal: AbortSignal): Promise<Readers | null> {
  if ((await catalogue.chains(repo, { signal })).last === 0) return null;
  const readers = new Map<string, string[]>();
  const snapshots = await Catalogue.listIn(db, { serverId: repo.serverId, repoId: repo.repoId });
  for (const { id } of snapshots.toSorted((a, b) => a.id.localeCompare(b.id))) {
    let objects = [manifestName(repo, id)];
    try {
      const { manifest, merges } = await catalogue.manifest(await catalogue.find({ repo, snapshotId: id }), { signal });
      objects = [...objectsOf(manifest), ...merges];
    } catch (error) {
      signal.throwIfAborted();
      if (!damaged.has(asAppError(error).code)) throw error;
    }
    for (const object of objects) readers.set(object, [...(readers.get(object) ?? []), id]);
  }
  return readers;
}

/** Which of these a repo's newest snapshot cannot be restored without. */
async function neededBy(place: ProofPlace, repo: RepoProof, broken: ReadonlyMap<string, unknown>, signal: AbortSignal): Promise<string[]> {
  const { catalogue, plain: storage, keys } = place;
  const own = manifestName(repo, repo.newest);
  if (broken.has(own)) return [own];
  const entry = await catalogue.find({ repo, snapshotId: repo.newest });
  const ofLarge = [...broken.keys()].some((name) => kindOf(name).kind === 'lfs');
  const { leansOn } = entry.snapshot;
  const its = [repo, ...(leansOn == null ? [] : [{ serverId: repo.serverId, repoId: leansOn.repoId }])];
  const near = [...broken.keys()].filter((name) => its.some((one) => isOf(name, one)));
  if (!ofLarge && near.length === 0) return [];
  let manifest: Manifest;
  try {
    ({ manifest } = await catalogue.manifest(entry, { signal }));
  } catch (error) {
    signal.throwIfAborted();
    if (!damaged.has(asAppError(error).code)) throw error;
    return near;
  }
  const needed = objectsOf(manifest).filter((name) => broken.has(name));
  if (!ofLarge) return needed;
  // Metadata that cannot be read does not say which large files it names: it may be any.
  if (needed.some((name) => kindOf(name).kind === 'metadata'))
    return [...needed, ...[...broken.keys()].filter((name) => kindOf(name).kind === 'lfs')];
  for await (const { oid } of lfsOf(manifest, { storage, keys }, signal)) {
    const name = lfsName(repo.serverId, oid);
    if (broken.has(name)) needed.push(name);
  }
  return needed;
}

function isOf(name: string, { serverId, repoId }: RepoPlace): boolean {
  const kind = kindOf(name);
  return 'repoId' in kind && kind.serverId === serverId && kind.repoId === repoId;
}

const copy = 'put the object back from a copy of the storage';

async function described(
  { db }: ProofPlace,
  { object, message, remedy }: Finding,
  {
    repos,
    current,
    readersOf,
  }: {
    readonly repos: readonly RepoProof[];
    readonly current: readonly RepoProof[];
    readonly readersOf: (repo: RepoProof) => Promise<Readers | null>;
  },
): Promise<StorageProblem> {
  const nobody = { projectKey: null, slug: null, snapshotId: null };
  if (remedy !== undefined) return { object, ...nobody, message, remedy };
  const kind = kindOf(object);
  const repo = repos.find((one) => isOf(object, one)) ?? current[0];
  const again = current.length > 0 ? `; or run the plan: it takes a new full backup by itself` : '';
  if (repo === undefined) return { object, ...nobody, message, remedy: copy };
  const { projectKey, slug } = repo;
  if (!('id' in kind)) {
    const names = current.map((one) => `${one.projectKey}/${one.slug}`).join(', ');
    return {
      object,
      projectKey,
      slug,
      snapshotId: null,
      message: `${message}: ${names} cannot be restored whole without it`,
      remedy: `${copy}${again}`,
    };
  }
  const later = (await Catalogue.listIn(db, { serverId: repo.serverId, repoId: repo.repoId }))
    .filter(({ id }) => id >= kind.id)
    .toSorted((a, b) => a.id.localeCompare(b.id));
  const end = later.findIndex(({ id, kind: how }) => id > kind.id && how === 'full');
  const ofChain = kind.kind === 'manifest' ? later.slice(0, 1) : later.slice(0, end === -1 ? undefined : end);
  const readers = await readersOf(repo);
  const affected = readers === null ? ofChain.map(({ id }) => id) : (readers.get(object) ?? []);
  const [first, last] = [affected[0], affected.at(-1)];
  const which =
    first === undefined
      ? 'no snapshot needs it'
      : first === last
        ? `snapshot ${first} of ${projectKey}/${slug} needs it`
        : `snapshots ${first} to ${last} of ${projectKey}/${slug} need it`;
  const forks = current.filter((one) => one !== repo).map((one) => `${one.projectKey}/${one.slug}`);
  const leaning =
    forks.length === 0
      ? ''
      : `, and ${forks.join(', ')}, which ${forks.length === 1 ? 'leans' : 'lean'} on it, cannot be restored without it`;
  return { object, projectKey, slug, snapshotId: first ?? null, message: `${message}: ${which}${leaning}`, remedy: `${copy}${again}` };
}
