import { afterEach, describe, expect, test } from 'vitest';
import type { ListedToken } from './listed-token.ts';
import { placeIn } from './row-place.ts';
import { findTokenRows } from './token-rows.ts';

const now = Date.parse('2026-11-22T12:00:00Z');
const day = 86_400_000;

function token(id: string, name: string, more: Partial<ListedToken> = {}): ListedToken {
  return { id: id.padStart(12, '0'), name, permissions: ['REPO_READ'], createdAt: now - 30 * day, expiresAt: null, ...more };
}
const three = [token('1', 'backup-nightly'), token('2', 'ci-clone'), token('3', 'ci')];

afterEach(() => document.body.replaceChildren());

/** What is found, as `id of the row element: token ids`. */
function find(html: string, tokens: readonly ListedToken[] = three): string[] {
  document.body.innerHTML = html;
  return describeRows(tokens);
}
function describeRows(tokens: readonly ListedToken[]): string[] {
  return findTokenRows(document.body, tokens, now)
    .map(({ element, tokens }) => `${element.id}: ${tokens.map(({ id }) => String(Number(id))).join('|')}`)
    .toSorted();
}
const expected = ['r1: 1', 'r2: 2', 'r3: 3'];

describe('rows of every build', () => {
  test('a table', () => {
    const row = (at: number, name: string) => `<tr id="r${at}"><td>${name}</td><td>Repo read</td><td><button>Revoke</button></td></tr>`;
    expect(
      find(
        `<table><thead><tr><th>Name</th></tr></thead><tbody>${row(1, 'backup-nightly')}${row(2, 'ci-clone')}${row(3, 'ci')}</tbody></table>`,
      ),
    ).toEqual(expected);
  });

  test('a table whose every row has its own tbody', () => {
    const row = (at: number, name: string) => `<tbody><tr id="r${at}"><td><a href="#">${name}</a></td><td>read</td></tr></tbody>`;
    expect(find(`<table>${row(1, 'backup-nightly')}${row(2, 'ci-clone')}${row(3, 'ci')}</table>`)).toEqual(expected);
  });

  test('an ARIA grid of divs', () => {
    const row = (at: number, name: string) =>
      `<div role="row" id="r${at}"><div role="gridcell"><span>${name}</span></div><div role="gridcell">x</div></div>`;
    expect(
      find(`<div role="grid"><div role="rowgroup">${row(1, 'backup-nightly')}${row(2, 'ci-clone')}${row(3, 'ci')}</div></div>`),
    ).toEqual(expected);
  });

  test('cards in a list', () => {
    const row = (at: number, name: string) =>
      `<li id="r${at}"><article><header><h3>${name}</h3></header><ul><li>Repo read</li><li>never used</li></ul></article></li>`;
    expect(find(`<ul>${row(1, 'backup-nightly')}${row(2, 'ci-clone')}${row(3, 'ci')}</ul>`)).toEqual(expected);
  });

  test('nameless divs, each in a wrapper', () => {
    const row = (at: number, name: string) => `<div id="r${at}"><div><div>${name}</div><div>Repo read</div></div></div>`;
    expect(find(`<div><div>Name</div>${row(1, 'backup-nightly')}${row(2, 'ci-clone')}${row(3, 'ci')}</div>`)).toEqual(expected);
  });

  test('a definition list', () => {
    const row = (at: number, name: string) => `<dt id="r${at}">${name}</dt><dd>Repo read</dd>`;
    expect(find(`<dl>${row(1, 'backup-nightly')}${row(2, 'ci-clone')}${row(3, 'ci')}</dl>`)).toEqual(expected);
  });

  test('a flat grid of cells', () => {
    const row = (at: number, name: string) => `<div id="r${at}">${name}</div><div>Repo read</div><div><button>Revoke</button></div>`;
    expect(find(`<div style="display:grid">${row(1, 'backup-nightly')}${row(2, 'ci-clone')}${row(3, 'ci')}</div>`)).toEqual(expected);
  });

  test('groups with a list each', () => {
    const group = (rows: string) => `<section><h3>Group</h3><ul>${rows}</ul></section>`;
    const row = (at: number, name: string) => `<li id="r${at}"><b>${name}</b> <button>Edit</button></li>`;
    expect(find(group(row(1, 'backup-nightly') + row(2, 'ci-clone')) + group(row(3, 'ci')))).toEqual(expected);
  });

  test('rows in open shadow roots', () => {
    document.body.innerHTML = '<token-list></token-list>';
    const list = document.querySelector('token-list')?.attachShadow({ mode: 'open' });
    for (const [at, { name }] of three.entries()) {
      const row = document.createElement('token-row');
      row.id = `r${at + 1}`;
      row.attachShadow({ mode: 'open' }).innerHTML = `<style></style><div><span>${name}</span><button>Edit</button></div>`;
      list?.append(row);
    }
    expect(describeRows(three)).toEqual(expected);
  });

  test('one token alone', () => {
    const one = [token('1', 'backup-nightly')];
    expect(find('<h1>backup-nightly</h1><table><tr id="r1"><td>backup-nightly</td><td>Repo read</td></tr></table>', one)).toEqual([
      'r1: 1',
    ]);
    expect(find('<main><p>No rows but <b>backup-nightly</b></p></main>', one)).toEqual([]);
  });
});

describe('names that are hard to find', () => {
  const table = (rows: readonly string[]) =>
    `<table>${rows.map((cell, at) => `<tr id="r${at + 1}"><td>${cell}</td><td>read</td></tr>`).join('')}</table>`;

  test('split over nodes by a highlighter', () => {
    expect(find(table(['<mark>backup</mark>-nightly', '<b>ci</b>-<i>clone</i>', '<mark>c</mark>i']))).toEqual(expected);
  });

  test('cut short, the whole name in a title or by the only way to complete it', () => {
    expect(find(table(['<span title="backup-nightly">backup-n…</span>', '<span aria-label="ci-clone">ci-…</span>', 'ci']))).toEqual(
      expected,
    );
    expect(find(table(['backup-…', 'ci-clone', 'ci']))).toEqual(expected);
  });

  test('among other words of one text', () => {
    expect(find(table(['Token backup-nightly (read)', 'Token ci-clone (read)', 'Token ci (read)']))).toEqual(expected);
  });

  test('as bare text beside other elements', () => {
    expect(find(table(['backup-nightly<small>Repo read</small>', 'ci-clone<small>x</small>', 'ci<small>x</small>']))).toEqual(expected);
  });

  test('names that other parts of the page repeat', () => {
    const elsewhere =
      '<h1>Tokens of ci</h1><nav><ul><li>backup-nightly</li><li>ci-clone</li><li>ci</li></ul></nav><ul><li>backup-nightly</li><li>ci-clone</li><li>ci</li></ul><select><option>ci</option></select>';
    expect(find(elsewhere + table(['backup-nightly', 'ci-clone', 'ci']))).toEqual(expected);
  });

  test('a token named as a button of every row', () => {
    const tokens = [token('1', 'Edit'), token('2', 'ci-clone'), token('3', 'other')];
    const row = (at: number, name: string) => `<tr id="r${at}"><td>${name}</td><td><button>Edit</button></td></tr>`;
    expect(find(`<table>${row(1, 'Edit')}${row(2, 'ci-clone')}${row(3, 'other')}</table>`, tokens)).toEqual(expected);
  });

  test('that token in a flat grid of cells', () => {
    const tokens = [token('1', 'first'), token('2', 'Edit'), token('3', 'other')];
    const row = (at: number, name: string) => `<div id="r${at}">${name}</div><div>read</div><div><button>Edit</button></div>`;
    expect(find(`<div style="display:grid">${row(1, 'first')}${row(2, 'Edit')}${row(3, 'other')}</div>`, tokens)).toEqual(expected);
  });

  test('detail rows that repeat the name', () => {
    const row = (at: number, name: string) =>
      `<tr id="r${at}"><td>${name}</td><td>read</td></tr><tr id="d${at}"><td colspan="2">Details of ${name}: <a href="#">Edit</a></td></tr>`;
    expect(find(`<table>${row(1, 'backup-nightly')}${row(2, 'ci-clone')}${row(3, 'ci')}</table>`)).toEqual(expected);
  });

  test('hidden copies for another width of the window', () => {
    const rows = (prefix: string) => three.map(({ name }, at) => `<li id="${prefix}${at + 1}">${name} <a href="#">Edit</a></li>`).join('');
    expect(find(`<ul style="display:none">${rows('h')}</ul><ul>${rows('r')}</ul>`)).toEqual(expected);
  });
});

describe('two tokens of one name', () => {
  const twins = [
    token('1', 'backup'),
    token('2', 'ci-clone', { permissions: ['REPO_READ'] }),
    token('3', 'ci-clone', { permissions: ['PROJECT_READ', 'REPO_WRITE'], expiresAt: now + 6 * day }),
    token('4', 'zz'),
  ];
  const table = (two: readonly [string, string], first = 'backup', last = 'zz') =>
    `<table><tr id="r1"><td>${first}</td><td>x</td></tr>${two.map((cells, at) => `<tr id="r${at + 2}"><td>ci-clone</td>${cells}</tr>`).join('')}<tr id="r4"><td>${last}</td><td>x</td></tr></table>`;

  test('are told apart by the id in a link', () => {
    expect(find(table(['<td><a href="/x/000000000003">Edit</a></td>', '<td><a href="/x/000000000002">Edit</a></td>']), twins)).toEqual([
      'r1: 1',
      'r2: 3',
      'r3: 2',
      'r4: 4',
    ]);
  });

  test('by their rights', () => {
    expect(find(table(['<td>Repo write, project read</td>', '<td>Repo read</td>']), twins)).toEqual(['r1: 1', 'r2: 3', 'r3: 2', 'r4: 4']);
  });

  test('by the day they expire', () => {
    expect(find(table(['<td>28.11.2026</td>', '<td>-</td>']), twins)).toEqual(['r1: 1', 'r2: 3', 'r3: 2', 'r4: 4']);
  });

  test('by order, where the other rows keep to it', () => {
    expect(find(table(['<td></td>', '<td></td>']), twins)).toEqual(['r1: 1', 'r2: 2', 'r3: 3', 'r4: 4']);
  });

  test('and stay open where nothing tells', () => {
    const two = twins.slice(1, 3);
    expect(find('<table><tr id="r1"><td>ci-clone</td><td>x</td></tr><tr id="r2"><td>ci-clone</td><td>x</td></tr></table>', two)).toEqual([
      'r1: 2|3',
      'r2: 2|3',
    ]);
  });
});

describe('the place of a button', () => {
  const place = (html: string) => {
    document.body.innerHTML = html;
    const row = document.getElementById('row');
    const found = row === null ? null : placeIn(row);
    return found?.parent instanceof Element ? found.parent.id : found?.parent;
  };

  test('is the last cell, the innermost lone wrapper, or the row', () => {
    expect(place('<table><tr id="row"><td></td><td id="last"></td></tr></table>')).toBe('last');
    expect(place('<div id="row"><div id="in"><i></i><i></i></div></div>')).toBe('in');
    expect(place('<ul><li id="row">name <a>Edit</a></li></ul>')).toBe('row');
  });

  test('is inside a shadow host, whose light children nobody sees', () => {
    document.body.innerHTML = '<x-row id="row"></x-row>';
    const row = document.getElementById('row');
    const root = row?.attachShadow({ mode: 'open' });
    if (root) root.innerHTML = '<b>name</b><button>Edit</button>';
    expect(row && placeIn(row).parent).toBe(root);
  });
});
