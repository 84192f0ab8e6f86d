import type { MetadataKind } from '@gitprotect/shared/metadata';
import type { Principals, WriteContext } from '../../bitbucket/metadata/kind-writer.ts';
import type { ResolvedManifest } from '../../catalogue/next-manifest.ts';
import type { GitHost } from '../../git/run-git.ts';
import type { Clock } from '../../lib/clock.ts';
import type { Secret } from '../../lib/secret.ts';
import type { RestorePlace } from '../to-folder.ts';
import type { Ledger } from './ledger.ts';
import type { Survey } from './pull-requests/survey.ts';
import type { Doing, Settings } from './settings.ts';
import type { Target } from './target.ts';

/** What a restore of any repo works with. */
export interface RestoreParts extends Doing {
  readonly place: RestorePlace;
  readonly target: Target;
  readonly principals: Principals;
  readonly token: Secret;
  readonly ca: string | null;
  readonly clock: Clock;
  readonly host: GitHost;
  /** Folder for repos that are thrown away. */
  readonly scratch: string;
  readonly settingsOnly: boolean;
  readonly leaveOut: readonly MetadataKind[];
}

/** One repo on its way. */
export interface Work extends RestoreParts {
  readonly snapshot: ResolvedManifest;
  readonly settings: Settings;
  /** `null` where no pull requests are wanted. */
  readonly survey: Survey | null;
  readonly ledger: Ledger;
  readonly context: WriteContext;
}
