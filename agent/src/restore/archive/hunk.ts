import { fieldAt, listAt, numberAt, textAt } from './field.ts';
import { html, type Html } from './html.ts';

/** Lines shown on each side of the one a comment is about. */
const around = 8;

interface Line {
  readonly type: string;
  readonly from: number | undefined;
  readonly to: number | undefined;
  readonly text: string;
}

const signs: ReadonlyMap<string, { sign: string; name: string }> = new Map(
  Object.entries({
    ADDED: { sign: '+', name: 'added' },
    REMOVED: { sign: '-', name: 'removed' },
  }),
);

/** The lines of code a comment is about, as the server sent them with it. */
export function hunkAround(diff: unknown, anchor: unknown): Html | undefined {
  const lines = listAt(diff, 'hunks').flatMap((hunk) => linesOf(hunk));
  if (lines.length === 0) return undefined;
  const line = numberAt(anchor, 'line');
  const old = textAt(anchor, 'fileType') === 'FROM';
  const at = lines.findIndex((one) => line !== undefined && (old ? one.from : one.to) === line);
  const first = at < 0 ? 0 : Math.max(0, at - around);
  const shown = lines.slice(first, (at < 0 ? around : at + around) + 1);
  const rows = shown.map((one, index) => {
    const { sign, name } = signs.get(one.type) ?? { sign: ' ', name: 'same' };
    return html`<tr class="${name}${first + index === at && ' meant'}">
      <td class="line">${one.from}</td>
      <td class="line">${one.to}</td>
      <td class="code"><code>${sign}${one.text}</code></td>
    </tr>`;
  });
  return html`<div class="wide">
    <table class="hunk">
      <tbody>
        ${rows}
      </tbody>
    </table>
  </div>`;
}

function linesOf(hunk: unknown): Line[] {
  return listAt(hunk, 'segments').flatMap((segment) => {
    const type = textAt(segment, 'type') ?? 'CONTEXT';
    return listAt(segment, 'lines').map((line) => ({
      type,
      from: type === 'ADDED' ? undefined : numberAt(line, 'source'),
      to: type === 'REMOVED' ? undefined : numberAt(line, 'destination'),
      text: textAt(line, 'line') ?? '',
    }));
  });
}

/** A path that the server wrote as text, or in parts. */
export function pathAt(value: unknown, ...path: readonly string[]): string | undefined {
  const found = fieldAt(value, ...path);
  if (typeof found === 'string') return found === '' ? undefined : found;
  const parts = listAt(found, 'components').filter((part) => typeof part === 'string');
  return textAt(found, 'toString') ?? (parts.length === 0 ? undefined : parts.join('/'));
}
