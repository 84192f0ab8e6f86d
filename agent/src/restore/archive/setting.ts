import { personAt, textAt } from './field.ts';
import { html, type Html, type Part } from './html.ts';
import { moment } from './moment.ts';

/** What says nothing without the server. */
const left = new Set(['links', 'avatarUrl', 'avatar', 'emailAddress']);
const deepest = 6;

/**
 * A setting as a person reads it, whatever its kind: what is known to name something (a user, a branch, a choice) by that name, everything
 * else field by field, so that what a newer Bitbucket adds is shown too.
 */
export function settingHtml(value: unknown, name = '', depth = 0): Part {
  if (value === null || value === undefined || value === '') return html`<span class="sub">–</span>`;
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (typeof value === 'number') return /(?:date|time)$/i.test(name) && value > 1e11 && value < 1e14 ? moment(value) : value;
  if (typeof value === 'string') return value.includes('\n') ? html`<pre>${value}</pre>` : html`<span dir="auto">${value}</span>`;
  if (typeof value !== 'object') return '';
  if (depth > deepest) return html`<span class="sub">… in the JSON file</span>`;
  if (!Array.isArray(value)) return named(value) ?? fields(value, depth);
  if (value.length === 0) return html`<span class="sub">none</span>`;
  const items: readonly unknown[] = value;
  const whole = items.filter((item): item is object => typeof item === 'object' && item !== null && !Array.isArray(item));
  if (depth === 0 && whole.length === items.length) return rows(whole);
  return html`<ul class="plain">
    ${items.map((item) => html`<li>${settingHtml(item, name, depth + 1)}</li>`)}
  </ul>`;
}

function rows(items: readonly object[]): Html {
  const columns = [...new Set(items.flatMap((item) => Object.keys(item)))].filter((key) => !left.has(key)).slice(0, 12);
  return html`<div class="wide">
    <table>
      <thead>
        <tr>
          ${columns.map((key) => html`<th scope="col">${inWords(key)}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${items.map((item) => {
          const cells = new Map<string, unknown>(Object.entries(item));
          return html`<tr>
            ${columns.map((key) => html`<td>${settingHtml(cells.get(key), key, 1)}</td>`)}
          </tr>`;
        })}
      </tbody>
    </table>
  </div>`;
}

function fields(value: object, depth: number): Html {
  const shown = Object.entries(value).filter(([key]) => !left.has(key));
  if (shown.length === 0) return html`<span class="sub">empty</span>`;
  return html`<dl>
    ${shown.map(
      ([key, inner]) =>
        html`<dt>${inWords(key)}</dt>
          <dd>${settingHtml(inner, key, depth + 1)}</dd>`,
    )}
  </dl>`;
}

function named(value: object): Html | undefined {
  if (textAt(value, 'displayName') !== undefined) {
    const account = textAt(value, 'name');
    return html`<bdi>${personAt(value)}</bdi>${account !== undefined && html` <span class="sub">${account}</span>`}`;
  }
  const matched = textAt(value, 'displayId');
  if (matched !== undefined) return html`<span>${matched} <span class="sub">${textAt(value, 'type', 'name')}</span></span>`;
  const type = textAt(value, 'type');
  const keys = Object.keys(value);
  if (type !== undefined && 'resourceId' in value && keys.length === 2) return html`<span>${type.toLowerCase()}</span>`;
  const name = textAt(value, 'name') ?? textAt(value, 'key');
  return name !== undefined && keys.every((key) => key === 'id' || key === 'name' || key === 'key') ? html`<bdi>${name}</bdi>` : undefined;
}

/** `requiredAllApprovers` as `Required all approvers`. */
function inWords(key: string): string {
  const spaced = key.includes('_') ? key.toLowerCase().replaceAll('_', ' ') : key.replaceAll(/(?<=[a-z])(?=[A-Z])/g, ' ').toLowerCase();
  return spaced.charAt(0).toUpperCase() + spaced.slice(1);
}
