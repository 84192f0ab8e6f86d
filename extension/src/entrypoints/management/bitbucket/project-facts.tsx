import { formatCount } from '@gitprotect/shared/format';
import { hashOf } from '../../../routes.ts';
import { Ago } from '../../../ui/parts/ago.tsx';
import { Lozenge } from '../../../ui/parts/lozenge.tsx';
import { sentence } from '../../../ui/words/sentence.ts';
import { Note } from '../../../ui/parts/note.tsx';
import { valueOf } from '../../../ui/store/loadable.ts';
import { useStore } from '../../../ui/store/use-store.ts';
import { useSafety } from '../../../ui/store/use-safety.ts';
import type { ProjectView } from '../../../ui/words/safety.ts';

/** How a project is, in words. */
export function ProjectFacts({ project }: { project: ProjectView }) {
  const store = useStore();
  const plans = valueOf(store.plans.current) ?? [];
  const safety = useSafety()(project);
  const mine = plans.filter(({ projectIds }) => projectIds.includes(project.id));
  const { coverage, lastSnapshotAt, warnings, serverUrl, key } = project;
  return (
    <section class="card">
      <p>
        <Lozenge {...safety} /> {sentence(safety.reason)}
      </p>
      <dl class="facts">
        <dt>Server</dt>
        <dd>
          {serverUrl} · {key}
        </dd>
        <dt>Repositories</dt>
        <dd>
          {coverage.checkedAt === null ? (
            'not looked at yet'
          ) : (
            <>
              {formatCount(coverage.repos, 'repository', 'repositories')}, looked at <Ago time={coverage.checkedAt} />
            </>
          )}
        </dd>
        <dt>Last backup</dt>
        <dd>{lastSnapshotAt === null ? 'none yet' : <Ago time={lastSnapshotAt} />}</dd>
        <dt>Plans</dt>
        <dd>
          {mine.length === 0 ? (
            <>
              none: <a href="#/plans/new">add one</a>
            </>
          ) : (
            mine.map(({ id, name }, at) => (
              <span key={id}>
                {at > 0 && ', '}
                <a href={hashOf({ page: 'plans', id })}>{name}</a>
              </span>
            ))
          )}
        </dd>
      </dl>
      {warnings.length > 0 && (
        <Note tone="warn">
          {warnings.length === 1 ? (
            sentence(warnings[0] ?? '')
          ) : (
            <ul class="needs">
              {warnings.map((warning) => (
                <li key={warning}>{sentence(warning)}</li>
              ))}
            </ul>
          )}
        </Note>
      )}
      {coverage.uncovered.length > 0 && (
        <details>
          <summary>{formatCount(coverage.uncovered.length, 'repository', 'repositories')} that no enabled account sees</summary>
          <ul>
            {coverage.uncovered.map((slug) => (
              <li key={slug}>
                <code>{slug}</code>
              </li>
            ))}
          </ul>
          <p class="sub">Add a credential below that may read them, then enable it in a plan.</p>
        </details>
      )}
    </section>
  );
}
