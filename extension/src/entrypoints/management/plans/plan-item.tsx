import type { Plan } from '@gitprotect/shared/plan';
import { hashOf } from '../../../routes.ts';
import { Note } from '../../../ui/parts/note.tsx';
import { sentence } from '../../../ui/words/sentence.ts';
import { PlanRun } from '../../../ui/runs/plan-run.tsx';
import { useStore } from '../../../ui/store/use-store.ts';
import { keepText, planLine, usersText } from '../../../ui/words/plan-words.ts';
import type { ProjectView } from '../../../ui/words/safety.ts';
import { ProjectGuards } from '../guards.tsx';
import { scheduleText } from './when.ts';

/** One plan in the list. */
export function PlanItem({ plan, projects }: { plan: Plan; projects: readonly ProjectView[] }) {
  const { id, name, schedule, window, keep, projectIds, users, warnings, lastRun } = plan;
  const zone = schedule?.timeZone ?? window?.timeZone;
  const keys = projectIds.map((one) => projects.find((project) => project.id === one)?.key ?? '…');
  return (
    <section class="card" aria-label={name}>
      <PlanRun plan={plan}>
        <h2 class="clip" title={name}>
          {name}
        </h2>
        <p class="sub">{planLine(plan, useStore().time.value)}</p>
      </PlanRun>
      <p class="sub">
        {keys.length === 0 ? 'no projects' : keys.join(', ')} · {scheduleText(schedule?.cron ?? null)}
        {window !== null && `, only between ${window.from} and ${window.to}`}
        {zone !== undefined && ` (${zone})`} · {keepText(keep)} · {usersText(users)}
      </p>
      <ProjectGuards projectKeys={keys} />
      {warnings.length > 0 && (
        <Note tone="warn">
          {warnings.map((warning) => (
            <p key={warning}>{sentence(warning)}</p>
          ))}
        </Note>
      )}
      <div class="actions start">
        <a class="button" href={hashOf({ page: 'plans', id })} aria-label={`Edit plan ${name}`}>
          Edit plan
        </a>
        {lastRun !== null && <a href={hashOf({ page: 'runs', id: lastRun.id })}>Last run</a>}
      </div>
    </section>
  );
}
