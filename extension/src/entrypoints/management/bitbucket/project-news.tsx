import { Ago } from '../../../ui/parts/ago.tsx';
import type { ProjectView } from '../../../ui/words/safety.ts';

const shown = 8;

/** New repos, and rights that were lost, of the last two weeks. */
export function ProjectNews({ project: { news = [] } }: { project: ProjectView }) {
  if (news.length === 0) return null;
  return (
    <section class="card" aria-labelledby="news">
      <h2 id="news">What has changed</h2>
      <ul class="needs">
        {news.slice(0, shown).map(({ at, message }) => (
          <li key={`${at} ${message}`}>
            {message}{' '}
            <small>
              <Ago time={at} />
            </small>
          </li>
        ))}
      </ul>
    </section>
  );
}
