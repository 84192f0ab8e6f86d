import { formatCount } from '@gitprotect/shared/format';
import { hashOf } from '../../../routes.ts';
import { Ago } from '../../../ui/parts/ago.tsx';
import { Lozenge } from '../../../ui/parts/lozenge.tsx';
import { useSafety } from '../../../ui/store/use-safety.ts';
import type { ProjectView } from '../../../ui/words/safety.ts';

/** Each project with whether it is safe, worst first. */
export function SafetyList({ projects }: { projects: readonly ProjectView[] }) {
  const safetyOf = useSafety();
  const order = ['bad', 'warn', 'busy', 'plain', 'ok'];
  const judged = projects
    .map((project) => ({ project, safety: safetyOf(project) }))
    .toSorted((one, other) => order.indexOf(one.safety.tone) - order.indexOf(other.safety.tone));
  const safe = judged.filter(({ safety }) => safety.tone === 'ok').length;
  return (
    <section class="card">
      <h2>
        {safe === projects.length
          ? `All ${formatCount(safe, 'project')} ${safe === 1 ? 'is' : 'are'} safe`
          : `${safe} of ${formatCount(projects.length, 'project')} safe`}
      </h2>
      <ul class="list">
        {judged.map(({ project: { id, key, name, lastSnapshotAt }, safety }) => (
          <li key={id} class="row">
            <span class="word">
              <Lozenge {...safety} />
            </span>
            <span class="grow">
              <a href={hashOf({ page: 'bitbucket', id })}>{name ?? key}</a> <small>{key}</small>
              <small class="below">
                {safety.reason}
                {lastSnapshotAt !== null && (
                  <>
                    {' · last backup '}
                    <Ago time={lastSnapshotAt} />
                  </>
                )}
              </small>
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
