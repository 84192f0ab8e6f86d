import { AppError } from '@gitprotect/shared/errors';
import { judge, keepWords } from '@gitprotect/shared/retention';
import type { Guard, RepoRetention } from '@gitprotect/shared/retention-view';
import { type Hold, holdsInStorage, sayHold } from '../../catalogue/holds.ts';
import type { Ledger } from '../../catalogue/ledger.ts';
import type { ManifestPlace } from '../../catalogue/manifest-object.ts';
import { newId } from '../../lib/id.ts';
import { holdFolder, manifestName, type RepoPlace } from '../../storage/layout.ts';
import { acknowledge, standingGuards } from './guards.ts';
import { candidatesOf, histories, type HistoryParts } from './histories.ts';

export interface RetentionParts extends HistoryParts {
  /** Opens the storage. */
  readonly place: (signal: AbortSignal) => Promise<ManifestPlace & { readonly ledger: Ledger }>;
  readonly signal: AbortSignal;
}

/** A hold as somebody asks for it. */
export type HoldWanted = Pick<Hold, 'snapshotId' | 'reason'>;

/** What retention says, and what people say to it. */
export interface RetentionBook {
  /** Why each snapshot of a repo stays or goes. @throws AppError `not-found` when it has none */
  of(repo: RepoPlace): Promise<RepoRetention>;
  /** @throws AppError `not-found` for a snapshot that is not there, `already-exists` for one on hold */
  hold(repo: RepoPlace, wanted: HoldWanted): Promise<void>;
  /** @throws AppError `not-found` for one that is not on hold */
  release(repo: RepoPlace, wanted: HoldWanted): Promise<void>;
  guards(): Promise<Guard[]>;
  /** @throws AppError `not-found` when nothing of it waits */
  acknowledge(which: Pick<Guard, 'projectKey' | 'slug'> & { readonly serverId?: string | undefined }): Promise<void>;
}

export function retentionBook(parts: RetentionParts): RetentionBook {
  const { db, clock, place, signal } = parts;

  const historyOf = async (repo: RepoPlace) => {
    for await (const history of histories(parts, repo)) return history;
    throw new AppError('not-found', `repository ${repo.repoId} has no snapshots`, {
      remedy: 'list what there is: gitprotect-agent snapshots',
    });
  };
  const say = async (repo: RepoPlace, { snapshotId, reason }: HoldWanted, held: boolean): Promise<void> => {
    const { snapshots, holds, name } = await historyOf(repo);
    const full = `${snapshotId} of ${name.projectKey}/${name.slug}`;
    const opened = await place(signal);
    const known = snapshots.some(({ id }) => id === snapshotId);
    if (!known || (await opened.storage.stat(manifestName(repo, snapshotId))) === undefined)
      throw new AppError('not-found', `there is no snapshot ${full}`, {
        remedy: `list them: gitprotect-agent snapshots ${name.projectKey}/${name.slug}`,
      });
    if (held && holds.has(snapshotId)) throw new AppError('already-exists', `the snapshot ${full} is on hold already`);
    await opened.ledger.catchUp(repo.serverId, signal);
    const listed = await opened.ledger.standingBelow(repo.serverId, holdFolder(repo));
    // A word that nobody can read holds too, and another agent's.
    const isHeld = async () => (await holdsInStorage(opened, repo, listed, signal)).some((hold) => hold.snapshotId === snapshotId);
    if (!held && !holds.has(snapshotId) && !(await isHeld())) throw new AppError('not-found', `the snapshot ${full} is not on hold`);
    const at = new Date(clock.now()).toISOString();
    const added = await sayHold({ ...opened, db }, repo, { snapshotId, held, reason, at }, { listed, signal });
    await opened.ledger.append(repo.serverId, { id: newId('hold'), added: [added] }, signal);
  };

  return {
    of: async (repo) => {
      const history = await historyOf(repo);
      const { standing, holds, name, guards } = history;
      return {
        ...name,
        repoId: repo.repoId,
        plans: standing.policies.map(({ plan, keep }) => ({ name: plan, keeps: keepWords(keep).join(', ') || 'everything' })),
        guards: [...guards],
        snapshots: judge(candidatesOf(history), standing).map(({ id, keep, because }) => {
          const hold = holds.get(id);
          const goesAt = keep ? null : (history.marked.get(id) ?? null);
          return {
            snapshotId: id,
            keep,
            because: [...because],
            goesAt,
            hold: hold === undefined ? null : { reason: hold.reason, at: hold.at },
          };
        }),
      };
    },
    hold: (repo, wanted) => say(repo, wanted, true),
    release: (repo, wanted) => say(repo, wanted, false),
    guards: async () =>
      (await standingGuards(db)).map(({ serverId, projectKey, slug, message }) => ({ serverId, projectKey, slug, message })),
    acknowledge: async ({ serverId, projectKey, slug }) => {
      const found = (await standingGuards(db)).filter(
        (one) => same(one.projectKey, projectKey) && same(one.slug, slug) && (serverId === undefined || one.serverId === serverId),
      );
      if (found.length === 0) {
        throw new AppError('not-found', `nothing of ${projectKey}${slug === null ? '' : `/${slug}`} waits to be acknowledged`, {
          remedy: 'list what does: gitprotect-agent guard list',
        });
      }
      for (const guard of found) await acknowledge(db, guard, new Date(clock.now()).toISOString());
    },
  };
}

function same(one: string | null, other: string | null): boolean {
  return one?.toLowerCase() === other?.toLowerCase();
}
