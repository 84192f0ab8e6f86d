import { formatCount } from '@gitprotect/shared/format';
import { hashOf } from '../../../routes.ts';
import { Ago } from '../../../ui/parts/ago.tsx';
import { Lozenge } from '../../../ui/parts/lozenge.tsx';
import { useSafety } from '../../../ui/store/use-safety.ts';
import type { ProjectView } from '../../../ui/words/safety.ts';

/** One project: how it is, and *Edit*. */
export function ProjectTile({ project }: { project: ProjectView }) {
  const safety = useSafety()(project);
  const { key, name, coverage, lastSnapshotAt, credentialIds } = project;
  return (
    <li class="card tile">
      <div class="row">
        <h2 class="grow clip" title={name ?? key}>
          {name ?? key} {name !== null && <small>{key}</small>}
        </h2>
        <Lozenge {...safety} />
      </div>
      <p class="sub">
        {coverage.checkedAt === null ? 'not looked at yet' : formatCount(coverage.repos, 'repository', 'repositories')}
        {' · '}
        {lastSnapshotAt === null ? (
          'no backup yet'
        ) : (
          <>
            last backup <Ago time={lastSnapshotAt} />
          </>
        )}
      </p>
      <p class={safety.tone === 'ok' ? 'sub' : `${safety.tone}-text`}>{safety.reason}</p>
      <div class="tile-foot">
        <a class="button" href={hashOf({ page: 'bitbucket', id: project.id })} aria-label={`Edit ${name ?? key}`}>
          Edit
        </a>
        <small>{formatCount(credentialIds.length, 'account')}</small>
      </div>
    </li>
  );
}
