import { activityHtml } from './activity.ts';
import { threadHtml } from './comment.ts';
import type { Entry } from './entry.ts';
import { commitAt, fieldAt, flagAt, listAt, personAt, textAt, timeAt } from './field.ts';
import { html, type Html } from './html.ts';
import type { Markdown } from './markdown.ts';
import { moment } from './moment.ts';
import { type ArchiveOf, page } from './page.ts';
import { type Happening, tasksIn } from './timeline.ts';

/** What a page is made of. */
export interface PullRequestView {
  readonly entry: Entry;
  readonly pullRequest: unknown;
  readonly happenings: readonly Happening[];
}

const states: ReadonlyMap<string, { word: string; tone: string }> = new Map(
  Object.entries({
    OPEN: { word: 'open', tone: 'busy' },
    MERGED: { word: 'merged', tone: 'ok' },
    DECLINED: { word: 'declined', tone: 'bad' },
  }),
);
const reviews: ReadonlyMap<string, { word: string; tone: string }> = new Map(
  Object.entries({
    APPROVED: { word: 'approved', tone: 'ok' },
    NEEDS_WORK: { word: 'needs work', tone: 'warn' },
  }),
);

/** The page of one pull request. */
export function pullRequestPage(of: ArchiveOf, view: PullRequestView, markdown: Markdown, settings: boolean): string {
  const { entry, pullRequest, happenings } = view;
  const { word, tone } = states.get(entry.state) ?? { word: entry.state.toLowerCase(), tone: '' };
  const description = textAt(pullRequest, 'description');
  const closed = timeAt(pullRequest, 'closedDate');
  const body = html`<h1 dir="auto">${entry.title} <span class="sub">#${entry.number}</span></h1>
    <p class="facts">
      <span class="lozenge ${tone}">${word}</span>${flagAt(pullRequest, 'draft') && html` <span class="lozenge">draft</span>`}
      <bdi>${entry.author}</bdi> · <code class="branch">${entry.from}</code> → <code class="branch">${entry.to}</code>
    </p>
    <p class="sub">
      Created
      ${moment(entry.created ?? undefined) ?? 'at an unknown time'}${closed === undefined ? html`, updated ${moment(entry.updated ?? undefined)}` : html`, closed ${moment(closed)}`}
    </p>
    <div class="columns">
      <div>
        <section class="card" aria-labelledby="description">
          <h2 id="description">Description</h2>
          <div class="text" dir="auto">${description === undefined ? html`<p class="sub">None.</p>` : markdown(description)}</div>
        </section>
        <section aria-labelledby="activity">
          <h2 id="activity">Activity</h2>
          <ol class="timeline">
            ${happenings.map((one) => (one.thread === undefined ? activityHtml(one.activity) : threadHtml(one.thread, markdown)))}
          </ol>
        </section>
      </div>
      <aside>${reviewers(pullRequest)}${tasks(happenings)}${git(pullRequest, happenings)}</aside>
    </div>`;
  return page(of, { title: `${entry.title} #${entry.number}`, root: '..', settings }, body);
}

function reviewers(pullRequest: unknown): Html {
  const all = listAt(pullRequest, 'reviewers').map((reviewer) => {
    const { word, tone } = reviews.get(textAt(reviewer, 'status') ?? '') ?? { word: 'no verdict', tone: '' };
    return html`<li><span dir="auto">${personAt(reviewer, 'user') ?? 'Somebody'}</span> <span class="lozenge ${tone}">${word}</span></li>`;
  });
  return html`<section class="card">
    <h2>Reviewers</h2>
    ${
      all.length === 0
        ? html`<p class="sub">None.</p>`
        : html`<ul class="lines">
            ${all}
          </ul>`
    }
  </section>`;
}

function tasks(happenings: readonly Happening[]): Html | undefined {
  const all = tasksIn(happenings);
  if (all.length === 0) return undefined;
  const lines = all.map(({ text, done, commentId }) => {
    const words = text.split('\n')[0]?.slice(0, 120);
    const link = commentId === undefined ? words : html`<a href="#comment-${commentId}">${words}</a>`;
    return html`<li><span dir="auto">${link}</span> <span class="lozenge ${done ? 'ok' : 'warn'}">${done ? 'done' : 'open'}</span></li>`;
  });
  return html`<section class="card">
    <h2>Tasks</h2>
    <ul class="lines">
      ${lines}
    </ul>
  </section>`;
}

function git(pullRequest: unknown, happenings: readonly Happening[]): Html {
  const from = commitAt(pullRequest, 'fromRef', 'latestCommit');
  const to = commitAt(pullRequest, 'toRef', 'latestCommit');
  const merged = [
    commitAt(pullRequest, 'properties', 'mergeCommit', 'id'),
    ...happenings.map((one) => (one.thread === undefined ? commitAt(one.activity, 'commit', 'id') : undefined)),
  ].find((id) => id !== undefined);
  const url = textAt(listAt(pullRequest, 'links', 'self')[0], 'href');
  const fork = textAt(fieldAt(pullRequest, 'fromRef', 'repository'), 'slug');
  const home = textAt(fieldAt(pullRequest, 'toRef', 'repository'), 'slug');
  return html`<section class="card git">
    <h2>In git</h2>
    ${from !== undefined && to !== undefined && [command('What it changes', `git diff ${to}...${from}`), command('Its commits', `git log --oneline ${to}..${from}`)]}
    ${merged !== undefined && command('The merge', `git show ${merged}`)}
    <dl>
      ${
        from !== undefined &&
        html`<dt>Source commit</dt>
          <dd><code>${from}</code></dd>`
      }${
        to !== undefined &&
        html`<dt>Target commit</dt>
          <dd><code>${to}</code></dd>`
      }
      ${
        fork !== undefined &&
        fork !== home &&
        html`<dt>From the repository</dt>
          <dd>${textAt(pullRequest, 'fromRef', 'repository', 'project', 'key')}/${fork}</dd>`
      }
      ${
        url !== undefined &&
        html`<dt>Was at</dt>
          <dd class="sub">${url}</dd>`
      }
    </dl>
  </section>`;
}

const command = (what: string, line: string): Html =>
  html`<p class="command">
    <span class="sub">${what}</span><code>${line}</code
    ><button type="button" class="button" data-copy="${line}" aria-label="Copy: ${what}" hidden>Copy</button>
  </p>`;
