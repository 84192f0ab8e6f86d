import { formatCount } from '@gitprotect/shared/format';
import { wordsOfKind } from '@gitprotect/shared/metadata';
import { notPermittedInRun } from '@gitprotect/shared/not-permitted';
import type { Job, RunDetail } from '@gitprotect/shared/run';
import { useState } from 'preact/hooks';
import { Note } from '../../../ui/parts/note.tsx';
import { Pager } from '../../../ui/parts/pager.tsx';
import { anyJob, shownJobs } from './job-filter.ts';
import { JobFilters } from './job-filters.tsx';
import { JobRow } from './job-row.tsx';
import { userIn } from './lanes.ts';

/** Rows drawn at once: thousands of them change several times a second while a run is going. */
const pageSize = 100;

/** How each repo of a run fared. */
export function JobTable({ run }: { run: RunDetail }) {
  const { jobs } = run;
  const [filter, setFilter] = useState(anyJob);
  const [page, setPage] = useState(0);
  const shown = shownJobs(jobs, filter);
  const at = Math.min(page, Math.max(0, Math.ceil(shown.length / pageSize) - 1));
  if (jobs.length === 0) return <p class="quiet-note">No repository yet.</p>;
  return (
    <section class="card" aria-label="Repositories">
      <JobFilters
        jobs={jobs}
        filter={filter}
        onChange={(wanted) => {
          setFilter(wanted);
          setPage(0);
        }}
      />
      <NotPermitted jobs={jobs} />
      <div class="table">
        <table class="jobs">
          <thead>
            <tr>
              <th scope="col">Repository</th>
              <th scope="col">Outcome</th>
              <th scope="col" class="figure">
                New
              </th>
              <th scope="col">User</th>
              <th scope="col" class="figure">
                Requests
              </th>
              <th scope="col" class="figure">
                Time
              </th>
            </tr>
          </thead>
          <tbody>
            {shown.slice(at * pageSize, (at + 1) * pageSize).map((job) => (
              <JobRow key={`${job.serverId}/${job.repoId}`} job={job} userOf={(id) => userIn(run, id)} />
            ))}
          </tbody>
        </table>
      </div>
      <Pager page={at} size={pageSize} total={shown.length} noun="repositories" onPage={setPage} />
    </section>
  );
}

/** Said once: it is mostly the same for all repos. */
function NotPermitted({ jobs }: { jobs: readonly Job[] }) {
  const { repos, kinds } = notPermittedInRun(jobs);
  if (repos === 0) return null;
  return (
    <Note tone="plain">
      <p>
        <b>
          Not permitted to read in {formatCount(repos, 'repository', 'repositories')}: {kinds.map(wordsOfKind).join(', ')}.
        </b>{' '}
        Only administrators see these: give one of the plan’s credentials Repository admin to have them too, or leave them out.
      </p>
    </Note>
  );
}
