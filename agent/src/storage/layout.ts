import { randomBytes } from 'node:crypto';
import { isObjectName } from './object-name.ts';

/*
 * The name of every object. A snapshot's id is its sequence number within the repo, and its manifest carries that number alone: whoever
 * creates it first has committed it. A bundle carries the number and a random end, so what a crash left behind never stands in the way.
 */

/** A repo, as storage knows it: our id of the server, Bitbucket's id of the repo. */
export interface RepoPlace {
  readonly serverId: string;
  readonly repoId: number;
}

/** The plain file that says what the storage is. */
export const storageFile = 'gitprotect.json';

/** Everything that a server's backups consist of lies below this. */
export const serversFolder = 'servers/';

export const serverFolder = (serverId: string): string => `${serversFolder}${serverId}/`;
export const repoFolder = ({ serverId, repoId }: RepoPlace): string => `${serverFolder(serverId)}repos/${repoId}/`;
export const manifestFolder = (repo: RepoPlace): string => `${repoFolder(repo)}snapshots/`;

export const bundleFolder = (repo: RepoPlace): string => `${repoFolder(repo)}bundles/`;
export const metadataFolder = (repo: RepoPlace): string => `${repoFolder(repo)}metadata/`;
export const mergeFolder = (repo: RepoPlace): string => `${repoFolder(repo)}merges/`;

/** `12` -> `00000012`. */
export const snapshotId = (sequence: number): string => String(sequence).padStart(8, '0');

export const manifestName = (repo: RepoPlace, id: string): string => `${manifestFolder(repo)}${id}.json.zst.age`;

/** Merges of a repo are numbered as snapshots are, by a row of numbers of their own. */
export const mergeName = (repo: RepoPlace, sequence: number): string => `${mergeFolder(repo)}${snapshotId(sequence)}.json.zst.age`;

/** A name of its own at every call. */
export const newBundleName = (repo: RepoPlace, id: string): string => `${bundleFolder(repo)}${id}-${randomEnd()}.bundle.age`;

/** A name of its own at every call. */
export const newMetadataName = (repo: RepoPlace, id: string): string => `${metadataFolder(repo)}${id}-${randomEnd()}.ndjson.zst.age`;

/** A word about a snapshot: it is held, or no longer. Of several the one with the highest number counts. */
export const holdName = (repo: RepoPlace, id: string, number: number): string => `${repoFolder(repo)}holds/${id}-${number}.json.zst.age`;
export const holdFolder = (repo: RepoPlace): string => `${repoFolder(repo)}holds/`;

/** A fork's snapshots lean on this one: where pruning looks before it lets it go. A name of its own at every call. */
export const newLeanName = (repo: RepoPlace, id: string, forkId: number): string =>
  `${leanFolder(repo)}${id}-${forkId}-${randomEnd()}.json.zst.age`;
export const leanFolder = (repo: RepoPlace): string => `${repoFolder(repo)}leans/`;

/** What a run read of a project itself: `projectId` is ours, as Bitbucket's may not be known. A name of its own at every call. */
export const newProjectMetadataName = (serverId: string, projectId: string, runId: string): string =>
  `${serverFolder(serverId)}projects/${projectId}/${runId}-${randomEnd()}.ndjson.zst.age`;

/** `oid` is the LFS object's SHA-256 in hex. */
export const lfsName = (serverId: string, oid: string): string => `${lfsFolder(serverId)}${oid.slice(0, 2)}/${oid}.age`;
export const lfsFolder = (serverId: string): string => `${serverFolder(serverId)}lfs/`;

export const runFolder = (serverId: string): string => `${serverFolder(serverId)}runs/`;
export const runRecordName = (serverId: string, runId: string): string => `${runFolder(serverId)}${runId}.json.zst.age`;

/** A list of the server's ledger; `id` is that of a run, or of a step of upkeep (`prune_…`). */
export const listName = (serverId: string, id: string): string => `${runFolder(serverId)}${id}.sha256`;
export const signatureName = (list: string): string => `${list}.sig`;

/** What is to be removed: of a repo, of the large files, or of the projects; by the day from which on it may be. */
export const pruneFolder = (serverId: string): string => `${serverFolder(serverId)}prune/`;
export const markName = (serverId: string, subject: MarkSubject, due: string): string =>
  `${pruneFolder(serverId)}${subject}-${due}.json.zst.age`;
/** Somebody needs something of the mark again: nothing of it is removed. */
export const voidName = (serverId: string, subject: MarkSubject, due: string): string =>
  `${pruneFolder(serverId)}${subject}-${due}-void.json.zst.age`;

/** What a mark is about: `r42` is the repo with that number. */
export type MarkSubject = 'lfs' | 'projects' | `r${number}`;

export const drillFolder = (serverId: string): string => `${serverFolder(serverId)}drills/`;
export const drillName = (serverId: string, drillId: string): string => `${drillFolder(serverId)}${drillId}.json.zst.age`;

/** What an object is, by its name. */
export type ObjectKind =
  | ({ readonly kind: 'manifest' | 'merge'; readonly id: string; readonly sequence: number } & RepoPlace)
  | ({ readonly kind: 'bundle' | 'metadata'; readonly id: string } & RepoPlace)
  | ({ readonly kind: 'hold'; readonly id: string; readonly number: number } & RepoPlace)
  | ({ readonly kind: 'lean'; readonly id: string; readonly forkId: number } & RepoPlace)
  | { readonly kind: 'project'; readonly serverId: string; readonly projectId: string }
  /** `due`: eight digits, year, month and day in UTC. */
  | { readonly kind: 'mark' | 'void'; readonly serverId: string; readonly subject: MarkSubject; readonly due: string }
  | { readonly kind: 'lfs' | 'run' | 'list' | 'signature' | 'drill'; readonly serverId: string }
  | { readonly kind: 'other' };

const inRepo =
  /^servers\/([^/]+)\/repos\/(\d{1,15})\/(snapshots|merges|bundles|metadata)\/(\d{8})(?:-[0-9a-z]+)?\.(json\.zst|bundle|ndjson\.zst)\.age$/;
const inHolds = /^servers\/([^/]+)\/repos\/(\d{1,15})\/holds\/(\d{8})-([1-9]\d{0,5})\.json\.zst\.age$/;
const inLeans = /^servers\/([^/]+)\/repos\/(\d{1,15})\/leans\/(\d{8})-(\d{1,15})-[0-9a-z]+\.json\.zst\.age$/;
const inPrune = /^servers\/([^/]+)\/prune\/(?:(lfs|projects)|r(\d{1,15}))-(\d{8})(-void)?\.json\.zst\.age$/;
const inProject = /^servers\/([^/]+)\/projects\/([^/]+)\/[^/]+-[0-9a-z]+\.ndjson\.zst\.age$/;
const inServer = /^servers\/([^/]+)\/(lfs|runs|drills)\/.+$/;

/** Reads a name back. */
export function kindOf(name: string): ObjectKind {
  if (!isObjectName(name)) return { kind: 'other' };
  const repo = inRepo.exec(name);
  if (repo !== null) {
    const [, serverId = '', repoId = '', folder = '', id = ''] = repo;
    const place = { serverId, repoId: Number(repoId) };
    if (folder === 'bundles') return { kind: 'bundle', id, ...place };
    if (folder === 'metadata') return { kind: 'metadata', id, ...place };
    // A name that says the same in another way would be a second manifest of one snapshot.
    const kind = name === manifestName(place, id) ? 'manifest' : name === mergeName(place, Number(id)) ? 'merge' : 'other';
    return kind === 'other' ? { kind } : { kind, id, sequence: Number(id), ...place };
  }
  const hold = inHolds.exec(name);
  if (hold !== null) {
    const [, serverId = '', repoId = '', id = '', number = ''] = hold;
    return { kind: 'hold', id, number: Number(number), serverId, repoId: Number(repoId) };
  }
  const lean = inLeans.exec(name);
  if (lean !== null) {
    const [, serverId = '', repoId = '', id = '', forkId = ''] = lean;
    return { kind: 'lean', id, forkId: Number(forkId), serverId, repoId: Number(repoId) };
  }
  const mark = inPrune.exec(name);
  if (mark !== null) {
    const [, serverId = '', word, repoId, due = '', end] = mark;
    const subject: MarkSubject = word === 'lfs' || word === 'projects' ? word : `r${Number(repoId)}`;
    return { kind: end === undefined ? 'mark' : 'void', serverId, subject, due };
  }
  const project = inProject.exec(name);
  if (project !== null) return { kind: 'project', serverId: project[1] ?? '', projectId: project[2] ?? '' };
  const server = inServer.exec(name);
  if (server === null) return { kind: 'other' };
  const [, serverId = '', folder] = server;
  if (folder === 'drills') return { kind: 'drill', serverId };
  return { kind: folder === 'lfs' ? 'lfs' : kindOfRun(name), serverId };
}

function kindOfRun(name: string): 'run' | 'list' | 'signature' {
  if (name.endsWith('.sha256')) return 'list';
  return name.endsWith('.sha256.sig') ? 'signature' : 'run';
}

/** Lower case only: some file systems do not tell cases apart. */
function randomEnd(): string {
  return randomBytes(8).readBigUInt64BE().toString(36).padStart(13, '0').slice(-12);
}
