import { fieldAt, flagAt, listAt, numberAt, personAt, textAt, timeAt } from './field.ts';
import { html, type Html } from './html.ts';
import { hunkAround, pathAt } from './hunk.ts';
import type { Markdown } from './markdown.ts';
import { moment } from './moment.ts';
import type { Spoken, Thread } from './timeline.ts';

/** Deeper answers stand no further in: a narrow screen ends somewhere. */
const deepest = 5;

/** A comment with its answers, and the code it is about. */
export function threadHtml({ activity, comments }: Thread, markdown: Markdown): Html {
  const root = comments[0]?.comment;
  const anchor = fieldAt(activity, 'commentAnchor') ?? fieldAt(root, 'anchor');
  const path = pathAt(anchor, 'path');
  const resolved = flagAt(root, 'threadResolved');
  const header =
    path === undefined
      ? undefined
      : html`<p class="file">
          <code>${path}</code>${lineWords(anchor)}${flagAt(anchor, 'orphaned') && html` <span class="lozenge">outdated</span>`}
        </p>`;
  return html`<li class="thread${resolved && ' resolved'}">
    ${header}${path !== undefined && hunkAround(fieldAt(activity, 'diff'), anchor)}
    ${resolved && html`<p class="sub">Thread resolved${by(personAt(root, 'threadResolver'))}</p>`}
    ${comments.map((spoken) => commentHtml(spoken, markdown))}
  </li>`;
}

function lineWords(anchor: unknown): Html {
  const line = numberAt(anchor, 'line');
  const first = numberAt(anchor, 'multilineMarker', 'startLine');
  if (line === undefined) return html` <span class="sub">whole file</span>`;
  const side = textAt(anchor, 'lineType') === 'REMOVED' ? ', removed' : '';
  return first === undefined || first === line
    ? html` <span class="sub">line ${line}${side}</span>`
    : html` <span class="sub">lines ${first}–${line}${side}</span>`;
}

function commentHtml({ depth, comment, deleted }: Spoken, markdown: Markdown): Html {
  const id = numberAt(comment, 'id');
  const created = timeAt(comment, 'createdDate');
  const updated = timeAt(comment, 'updatedDate');
  const edited = updated !== undefined && created !== undefined && updated > created;
  const text = textAt(comment, 'text');
  return html`<article class="comment depth-${Math.min(depth, deepest)}" ${id !== undefined && html`id="comment-${id}"`}>
    <header>
      <strong dir="auto">${personAt(comment, 'author') ?? 'Somebody'}</strong>
      <span class="sub">${moment(created)}</span>
      ${edited && html`<span class="sub">edited ${moment(updated)}</span>`}${taskState(comment)}${deleted && html` <span class="lozenge">deleted</span>`}
      ${textAt(comment, 'state') === 'PENDING' && html` <span class="lozenge">draft</span>`}
    </header>
    <div class="text" dir="auto">${text === undefined ? html`<p class="sub">No text.</p>` : markdown(text)}</div>
    ${listAt(comment, 'tasks').map((task) => html`<p class="task">${doneMark(task)} <span dir="auto">${textAt(task, 'text')}</span></p>`)}${reactions(comment)}
  </article>`;
}

function taskState(comment: unknown): Html | undefined {
  if (textAt(comment, 'severity') !== 'BLOCKER') return undefined;
  const done = textAt(comment, 'state') === 'RESOLVED';
  if (!done) return html` <span class="lozenge warn">open task</span>`;
  return html` <span class="lozenge ok">task done</span>
    <span class="sub">${by(personAt(comment, 'resolver'))} ${moment(timeAt(comment, 'resolvedDate'))}</span>`;
}

const doneMark = (task: unknown): Html =>
  textAt(task, 'state') === 'RESOLVED'
    ? html`<span class="lozenge ok">task done</span>`
    : html`<span class="lozenge warn">open task</span>`;

const by = (person: string | undefined): string => (person === undefined ? '' : ` by ${person}`);

function reactions(comment: unknown): Html | undefined {
  const likers = listAt(comment, 'properties', 'likedBy', 'likers');
  const found = listAt(comment, 'properties', 'reactions').map((one) => ({
    sign: textAt(one, 'emoticon', 'value') ?? `:${textAt(one, 'emoticon', 'shortcut') ?? 'reaction'}:`,
    people: names(listAt(one, 'users')),
  }));
  const all = likers.length === 0 ? found : [{ sign: '👍', people: names(likers) }, ...found];
  if (all.length === 0) return undefined;
  return html`<ul class="reactions">
    ${all.map(({ sign, people }) => html`<li title="${people.join(', ')}">${sign} <span class="sub">${people.join(', ')}</span></li>`)}
  </ul>`;
}

const names = (users: readonly unknown[]): string[] => users.map((user) => personAt(user) ?? 'somebody');
