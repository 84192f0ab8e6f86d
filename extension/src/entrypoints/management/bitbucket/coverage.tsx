import { formatCount } from '@gitprotect/shared/format';
import type { CoverageTable } from '@gitprotect/shared/repo';
import { useState } from 'preact/hooks';
import { Loaded } from '../../../ui/parts/loaded.tsx';
import { Lozenge } from '../../../ui/parts/lozenge.tsx';
import { Pager } from '../../../ui/parts/pager.tsx';
import { TextField } from '../../../ui/parts/text-field.tsx';
import { useStore } from '../../../ui/store/use-store.ts';
import type { Word } from '../../../ui/words/tone.ts';
import type { ProjectView } from '../../../ui/words/safety.ts';
import { coverOf, shownRepos, type Cover, type CoveredRepo } from './coverage-filter.ts';

const pageSize = 50;

/** Which account sees which repo of a project: a table that shows problems first. */
export function Coverage({ project }: { project: ProjectView }) {
  const store = useStore();
  return (
    <section class="card" aria-labelledby="coverage">
      <h2 id="coverage">Coverage</h2>
      <Loaded from={store.coverage(project.id)}>{(table) => <Table table={table} />}</Loaded>
    </section>
  );
}

function Table({ table }: { table: CoverageTable }) {
  const { accounts, repos } = table;
  const bad = repos.filter((repo) => coverOf(repo, accounts) !== 'covered').length;
  const [problems, setProblems] = useState(bad > 0);
  const [text, setText] = useState('');
  const [page, setPage] = useState(0);
  if (repos.length === 0) return <p class="quiet-note">No account has looked at its repositories yet.</p>;
  const shown = shownRepos(table, { problems, text });
  const at = Math.min(page, Math.max(0, Math.ceil(shown.length / pageSize) - 1));
  return (
    <div class="stack">
      <p class="sub">
        {bad === 0
          ? `Each of ${formatCount(repos.length, 'repository', 'repositories')} is seen by an account that a plan uses.`
          : `${formatCount(bad, 'repository', 'repositories')} of ${repos.length} would not be backed up.`}{' '}
        As of the last look; a run looks again.
      </p>
      <div class="pair-of-fields">
        <TextField label="Repository" type="search" value={text} onInput={setText} placeholder="part of its name" />
        <label class="check">
          <input type="checkbox" checked={problems} onChange={(event) => setProblems(event.currentTarget.checked)} />
          only problems
        </label>
      </div>
      <div class="table" role="region" aria-label="Repositories and accounts" tabIndex={0}>
        <table>
          <thead>
            <tr>
              <th scope="col">Repository</th>
              {accounts.map(({ credentialId, name, ownerSlug, inUse }) => (
                <th scope="col" key={credentialId}>
                  {name}
                  <small class="below">{[ownerSlug ?? 'project token', ...(inUse ? [] : ['in no plan'])].join(' · ')}</small>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {shown.slice(at * pageSize, (at + 1) * pageSize).map((repo) => (
              <Row key={repo.id} repo={repo} accounts={accounts} />
            ))}
          </tbody>
        </table>
      </div>
      <Pager page={at} size={pageSize} total={shown.length} noun="repositories" onPage={setPage} />
    </div>
  );
}

function Row({ repo, accounts }: { repo: CoveredRepo; accounts: CoverageTable['accounts'] }) {
  const word = words[coverOf(repo, accounts)];
  return (
    <tr>
      <th scope="row">
        {repo.slug} {repo.archived && <small>archived</small>} {word !== null && <Lozenge {...word} />}
      </th>
      {accounts.map(({ credentialId, name, right }) => (
        <td key={credentialId} data-label={name}>
          {repo.seenBy.includes(credentialId) ? (
            (right ?? 'sees it')
          ) : (
            <>
              <span aria-hidden="true">–</span>
              <span class="unseen">does not see it</span>
            </>
          )}
        </td>
      ))}
    </tr>
  );
}

const words: Readonly<Record<Cover, Word | null>> = {
  covered: null,
  'not-used': { tone: 'warn', text: 'seen by no plan’s account' },
  nobody: { tone: 'bad', text: 'nobody sees it' },
};
