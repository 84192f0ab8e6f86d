import { hashOf } from '../../../routes.ts';
import { classNames } from '../../../ui/parts/class-names.ts';
import { type Progress, checklist } from './checklist.ts';

/** The way to the first backup, until there is one. */
export function FirstSteps({ progress }: { progress: Progress }) {
  const steps = checklist(progress);
  const next = steps.findIndex(({ done }) => !done);
  if (next === -1) return null;
  return (
    <section class="card">
      <h2>Your first backup</h2>
      <ol class="checklist">
        {steps.map(({ name, why, done, route, button }, at) => (
          <li key={name} class={classNames(done && 'finished', at === next && 'next')}>
            <span class="mark" aria-hidden="true">
              {done ? '✓' : at + 1}
            </span>
            <span class="grow">
              <b>{name}</b> <span class="sub">{done ? 'done' : why}</span>
            </span>
            {at === next && (
              <a class="button primary" href={hashOf(route)}>
                {button}
              </a>
            )}
          </li>
        ))}
      </ol>
    </section>
  );
}
