import { commitAt, fieldAt, listAt, numberAt, personAt, textAt, timeAt } from './field.ts';
import { html, type Html } from './html.ts';
import { moment } from './moment.ts';

const words: ReadonlyMap<string, string> = new Map(
  Object.entries({
    OPENED: 'opened the pull request',
    REOPENED: 'reopened the pull request',
    APPROVED: 'approved',
    UNAPPROVED: 'took the approval back',
    REVIEWED: 'marked it as needing work',
    DECLINED: 'declined the pull request',
    MERGED: 'merged the pull request',
    RESCOPED: 'changed the commits',
    UPDATED: 'updated the pull request',
    DELETED: 'deleted the pull request',
  }),
);

/** Something that was done, in a line; commits that came and went below it. */
export function activityHtml(activity: unknown): Html {
  const action = textAt(activity, 'action') ?? 'did something unknown';
  const commit = textAt(activity, 'commit', 'displayId') ?? commitAt(activity, 'commit', 'id')?.slice(0, 11);
  const more = [
    people('added', listAt(activity, 'addedReviewers')),
    people('removed', listAt(activity, 'removedReviewers')),
    commit !== undefined && html` as <code title="${textAt(activity, 'commit', 'id')}">${commit}</code>`,
    textAt(activity, 'previousTitle') !== undefined && html`; it was “${textAt(activity, 'previousTitle')}”`,
  ];
  return html`<li class="activity ${tones.get(action)}">
    <p>
      <strong dir="auto">${personAt(activity, 'user') ?? 'Somebody'}</strong>
      ${words.get(action) ?? action.toLowerCase().replaceAll('_', ' ')}${more}
      <span class="sub">${moment(timeAt(activity, 'createdDate'))}</span>
    </p>
    ${commits('added', fieldAt(activity, 'added'))}${commits('removed', fieldAt(activity, 'removed'))}
  </li>`;
}

const tones: ReadonlyMap<string, string> = new Map(Object.entries({ APPROVED: 'good', MERGED: 'good', DECLINED: 'bad', REVIEWED: 'warn' }));

function people(what: string, users: readonly unknown[]): Html | undefined {
  if (users.length === 0) return undefined;
  return html`; ${what} ${users.map((user) => personAt(user) ?? personAt(user, 'user') ?? 'somebody').join(', ')} as reviewer`;
}

function commits(what: string, change: unknown): Html | undefined {
  const listed = listAt(change, 'commits');
  const total = Math.max(numberAt(change, 'total') ?? 0, listed.length);
  if (total === 0) return undefined;
  return html`<details ${total <= 5 && html`open`}>
    <summary>${total} ${total === 1 ? 'commit' : 'commits'} ${what}</summary>
    <ul class="commits">
      ${listed.map(
        (commit) =>
          html`<li>
            <code title="${textAt(commit, 'id')}">${textAt(commit, 'displayId') ?? textAt(commit, 'id')?.slice(0, 11)}</code>
            <span dir="auto">${textAt(commit, 'message')?.split('\n')[0]}</span> <span class="sub">${personAt(commit, 'author')}</span>
          </li>`,
      )}${total > listed.length && html`<li class="sub">and ${total - listed.length} more</li>`}
    </ul>
  </details>`;
}
