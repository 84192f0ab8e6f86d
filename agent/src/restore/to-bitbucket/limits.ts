import { wordsOfKind } from '@gitprotect/shared/metadata';
import { formatCount } from '@gitprotect/shared/format';
import type { Manifest } from '../../catalogue/manifest.ts';
import type { Survey } from './pull-requests/survey.ts';

/** What no restore of this snapshot brings back, because the API takes it from nobody or because the snapshot does not have it. */
export function limitsOf({ metadata, refs, head }: Manifest, survey: Survey | null): string[] {
  const others = refs.set.filter((line) => !/ refs\/(?:heads|tags)\//.test(line)).length;
  const states = Object.entries(metadata?.kinds ?? {});
  const absent = (state: string) => states.filter(([, one]) => one.state === state).map(([kind]) => wordsOfKind(kind));
  const notPermitted = absent('not-permitted');
  const failed = absent('failed');
  return [
    ...(others > 0
      ? [`${formatCount(others, 'ref')} outside branches and tags: Bitbucket makes those of pull requests itself, and takes no others`]
      : []),
    ...(head.symbolic === undefined && head.oid !== undefined ? ['a detached HEAD: a server’s names a branch'] : []),
    ...(survey?.limits ?? []),
    ...(metadata === null
      ? ['settings and pull requests: this snapshot is of git alone']
      : ['comments on commits outside pull requests: Bitbucket’s API lists none to back up']),
    ...(notPermitted.length > 0 ? [`${notPermitted.join(', ')}: no credential of the backup may read them, so it does not have them`] : []),
    ...(failed.length > 0 ? [`${failed.join(', ')}: the backup could not read them at that time`] : []),
  ];
}
