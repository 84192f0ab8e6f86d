import { AppError, asAppError, fixedBy } from '@gitprotect/shared/errors';
import { formatCount } from '@gitprotect/shared/format';
import type { Outcome } from '@gitprotect/shared/run';
import type { Catalogue } from '../catalogue/catalogue.ts';
import { nextManifest, type Continuation } from '../catalogue/next-manifest.ts';
import { listRefs, type ListRefsOptions, type RefListing } from '../git/list-refs.ts';
import { compareRefs, planFetch, refsVanished, type FetchPlan } from '../git/plan-fetch.ts';
import type { Clock } from '../lib/clock.ts';
import { manifestName, type RepoPlace } from '../storage/layout.ts';
import type { Storage } from '../storage/storage.ts';
import { newBase } from './chain.ts';
import { fetchBundle, type BundlePlace, type Fetched } from './fetch-bundle.ts';
import { FullFetch } from './full-fetch.ts';
import type { GitLine, RepoAccess, RepoToSave } from './repo-access.ts';

/** What a job works with. `storage` seals what it writes. */
export interface JobParts {
  readonly catalogue: Catalogue;
  readonly storage: Storage;
  readonly access: RepoAccess;
  readonly line: GitLine;
  readonly clock: Clock;
  readonly runId: string;
  readonly signal: AbortSignal;
  /** Told the pack bytes received so far. */
  readonly onBytes: (total: number) => void;
}

type Listed = Extract<RefListing, { unchanged: false }>;

const attempts = 3;
const pause = 1000;
/** A server that is busy says until when; longer than this is left to the next run. */
const longestPause = 300_000;

/**
 * Backs up one repo: list refs, compare, stream, seal, put, commit. A stream that broke, a tip that moved in between, another agent that was
 * faster: it starts over, a few times. Nothing is committed unless all its bytes are in storage.
 * @throws AppError naming the repo, when it could not be saved
 */
export async function backUp(wanted: RepoToSave, parts: JobParts): Promise<Outcome> {
  const full = new FullFetch();
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await attemptOnce(wanted, full, parts);
    } catch (caught) {
      parts.signal.throwIfAborted();
      const error = asAppError(caught);
      if (full.wasCut()) attempt = 0;
      const again = (fixedBy(error) === 'later' && error.code !== 'throttled') || error.code === 'storage-exists';
      if (!again || attempt === attempts) throw error;
      const asked = Number(error.facts['retryAfterSeconds'] ?? 0) * 1000;
      if (asked > longestPause) throw error;
      await parts.clock.sleep(Math.max(asked, pause * 4 ** (attempt - 1)), parts.signal);
    }
  }
}

async function attemptOnce(wanted: RepoToSave, full: FullFetch, parts: JobParts): Promise<Outcome> {
  const { catalogue, storage, signal } = parts;
  const place: RepoPlace = { serverId: wanted.server.id, repoId: wanted.repo.id };
  const last = await catalogue.latest(place);
  const stands = last !== undefined && (await storage.stat(manifestName(place, last.snapshot.id))) !== undefined;
  const objectFormat = last?.snapshot.objectFormat;
  const listing = await list(parts, { objectFormat, expect: stands ? (last.listingHash ?? undefined) : undefined });
  if (listing.unchanged) return { state: 'unchanged', snapshotId: last?.snapshot.id ?? '' };

  const continuation = await catalogue.prepare(place, { signal });
  const { listed, warnings } = await doubted(listing, continuation, parts);
  const base = baseOf(continuation, listed);
  const plan = planFetch(base && { refs: base.refs, head: base.manifest.head }, listed);
  const before = continuation.before;
  const changes = compareRefs(before?.refs ?? new Map(), listed.refs);
  const quiet = changes.added.length + changes.moved.length + changes.deleted.length === 0 && !plan.headChanged;
  if (before !== undefined && base !== undefined && quiet) return { state: 'unchanged', snapshotId: idOf(before.manifest.sequence) };

  const fetched =
    base === undefined
      ? await full.fetch(listed, { place, id: continuation.id }, parts)
      : await fetchNew(plan, listed, { place, id: continuation.id }, parts);
  const { links } = fetched;
  const chain = [...(base?.manifest.chain ?? []), ...links];
  const kind = links[0]?.kind ?? (chain.length > 0 ? 'refs-only' : 'empty');
  const shallow = [...new Set([...listed.shallow, ...fetched.shallow])];
  if (shallow.length > 0)
    warnings.push(`the server’s own history is cut off at ${formatCount(shallow.length, 'commit')}: older commits are not there to save`);
  const manifest = nextManifest(
    {
      server: wanted.server,
      repo: { ...wanted.repo, projectName: wanted.projectName },
      runId: parts.runId,
      takenAt: new Date(parts.clock.now()).toISOString(),
      kind,
      objectFormat: listed.objectFormat,
      head: listed.head,
      refs: listed.refs,
      chain,
      listingHash: listed.bodyHash,
      shallow,
      lost: [],
      warnings,
      metadata: null,
      lfs: null,
    },
    continuation,
  );
  const { snapshot } = await catalogue.add(manifest, { signal });
  return {
    state: 'saved',
    snapshotId: snapshot.id,
    kind,
    bytes: links.reduce((sum, link) => sum + link.bytes, 0),
    objects: links.reduce((sum, link) => sum + link.packObjects, 0),
    refs: { total: listed.refs.size, added: changes.added.length, moved: changes.moved.length, deleted: changes.deleted.length },
    warnings,
  };
}

const idOf = (sequence: number): string => String(sequence).padStart(8, '0');

async function list(
  { access, line, signal }: JobParts,
  known: Pick<ListRefsOptions, 'expect' | 'objectFormat'>,
  avoid: readonly string[] = [],
): Promise<RefListing> {
  const listing = await access.ask((transport) => listRefs(transport, { ...known, signal, dialect: line.dialect }), avoid);
  line.dialect = listing.dialect;
  return listing;
}

/** A list that lost most of its refs is asked for again, with another credential if there is one, and then believed with a warning. */
async function doubted(listed: Listed, { before, damage }: Continuation, parts: JobParts): Promise<{ listed: Listed; warnings: string[] }> {
  const warnings = damage === null ? [] : [`the snapshot before this one cannot be read, so this one is full: ${damage}`];
  if (before === undefined || !refsVanished(before.refs, listed.refs)) return { listed, warnings };
  const again = await list(parts, { objectFormat: listed.objectFormat }, parts.access.credentialIds);
  const second = again.unchanged ? listed : again;
  if (refsVanished(before.refs, second.refs)) {
    const gone = compareRefs(before.refs, second.refs).deleted.length;
    warnings.push(`${gone} of ${formatCount(before.refs.size, 'ref')} are gone since the last snapshot; that snapshot still restores them`);
  }
  return { listed: second, warnings };
}

/** The snapshot whose chain is added to; `undefined` when a new chain is due. */
function baseOf({ before }: Continuation, listed: Listed): Continuation['before'] {
  if (before === undefined || before.manifest.objectFormat !== listed.objectFormat) return undefined;
  return newBase(before.manifest.chain) === null ? before : undefined;
}

/** What came since the last snapshot, as at most one bundle. */
async function fetchNew(plan: FetchPlan, listed: Listed, at: BundlePlace, parts: JobParts): Promise<Fetched> {
  if (plan.wants.length === 0) return { links: [], shallow: [] };
  const { link, shallow } = await fetchBundle({ plan, listed, kind: 'incremental' }, at, parts);
  return { links: link === null ? [] : [link], shallow };
}

/** Reports a failure with the repo's name in front, so that a list of them says what happened to which. */
export function named(error: unknown, { repo }: Pick<RepoToSave, 'repo'>): AppError {
  const { code, message, remedy, facts } = asAppError(error);
  const name = `${repo.projectKey}/${repo.slug}`;
  return new AppError(code, message.includes(name) ? message : `${name}: ${message}`, {
    cause: error,
    facts,
    remedy: remedy ?? 'run the plan again; if it stays so, look in the agent log',
  });
}
