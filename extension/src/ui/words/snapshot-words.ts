import { formatBytes, formatCount } from '@gitprotect/shared/format';
import { wordsOfKind } from '@gitprotect/shared/metadata';
import type { Snapshot } from '@gitprotect/shared/snapshot';

/** What a snapshot holds beside git: `311 pull requests, 14 kinds of settings, 12 large files (48 MB)`. */
export function besideGit({ metadata, lfs }: Pick<Snapshot, 'metadata' | 'lfs'>): string {
  const saved = Object.entries(metadata ?? {}).flatMap(([kind, state]) =>
    state.state === 'saved' ? [{ kind, records: state.records }] : [],
  );
  const recordsOf = (wanted: string) => saved.find(({ kind }) => kind === wanted)?.records ?? 0;
  const pullRequests = recordsOf('pull-requests');
  const attachments = recordsOf('attachments');
  const settings = saved.filter(({ kind, records }) => kind !== 'pull-requests' && kind !== 'attachments' && records > 0).length;
  const words = [
    pullRequests > 0 ? formatCount(pullRequests, 'pull request') : '',
    attachments > 0 ? formatCount(attachments, 'attachment') : '',
    settings > 0 ? formatCount(settings, 'kind of settings', 'kinds of settings') : '',
    lfs === null || lfs === undefined || lfs.objects === 0 ? '' : `${formatCount(lfs.objects, 'large file')} (${formatBytes(lfs.bytes)})`,
  ];
  return words.filter((word) => word !== '').join(', ');
}

/** What is not in it, and why; each one sentence. */
export function notInSnapshot({ metadata, lfs }: Pick<Snapshot, 'metadata' | 'lfs'>): string[] {
  const inState = (wanted: string): string =>
    Object.entries(metadata ?? {})
      .filter(([, { state }]) => state === wanted)
      .map(([kind]) => wordsOfKind(kind))
      .join(', ');
  const sentences = [
    ['not-permitted', 'Not permitted to read'],
    ['failed', 'Could not be read'],
    ['left-out', 'Left out by the plan'],
  ] as const;
  const missing = lfs?.missing.length ?? 0;
  return [
    ...sentences
      .map(([state, lead]) => [lead, inState(state)] as const)
      .flatMap(([lead, kinds]) => (kinds === '' ? [] : [`${lead}: ${kinds}.`])),
    ...(missing === 0 ? [] : [`${formatCount(missing, 'large file')} could not be had from Bitbucket.`]),
  ];
}
