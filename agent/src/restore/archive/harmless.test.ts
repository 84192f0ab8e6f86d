import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { attachmentId, type Attachments, linkedIn } from './attachments.ts';
import { timeAt } from './field.ts';
import { html } from './html.ts';
import { markdownWith } from './markdown.ts';
import { safeFileName, safeName } from './safe-name.ts';
import { scriptValue } from './search-files.ts';

describe('text in a page', () => {
  test('never ends an attribute or begins a tag', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => !/[<>"']/.test(html`${text}`.text)));
  });

  test('shows what would turn the direction of writing', () => {
    expect(html`${'main\u202egnp.exe\u0000'}`.text).toBe('main⟨U+202E⟩gnp.exe\ufffd');
  });
});

describe('a value in a script', () => {
  test('ends no script and is the same when read', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const written = scriptValue({ text: `${text}</script><!--\u2028` });
        expect(written).not.toMatch(/[<>\u2028\u2029]/);
        expect(JSON.parse(written)).toEqual({ text: `${text}</script><!--\u2028` });
      }),
    );
  });
});

describe('the name of a file', () => {
  test('is no path and has nothing a system refuses, whatever it is made from', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(safeName(text)).toMatch(/^[A-Za-z0-9][A-Za-z0-9_-]*$/);
        expect(safeFileName(text, text)).toMatch(/^[0-9a-f]{12}-[A-Za-z0-9_-]+(?:\.[a-z0-9]{1,8}){1,2}$/);
      }),
    );
  });

  test.each(['../../etc/passwd', 'a/b', 'A', 'con', '', 'index', '..'])('is not shared: %j', (text) => {
    expect(safeName(text)).not.toBe(safeName(`${text} `));
    expect(safeName(text).toLowerCase()).not.toBe('a');
  });

  test.each([
    ['page.html', 'html.txt'],
    ['drawing.svg', 'svg.txt'],
    ['feed.xhtml', 'xhtml.txt'],
    ['shot.PNG', 'png'],
    ['nothing', 'bin'],
  ])('of %s ends so that no browser runs what is inside', (name, ending) => {
    expect(safeFileName('1', name).split('.').slice(1).join('.')).toBe(ending);
  });
});

describe('a link to an attachment', () => {
  test.each([
    ['attachment:7/31', '31'],
    ['attachment:7/ab12%2Fplate%20one.png', 'ab12/plate one.png'],
    ['attachment:7/%zz', '%zz'],
    ['https://example.com/31', undefined],
  ])('%s means %s', (link, id) => {
    expect(attachmentId(link)).toBe(id);
  });

  test('is found in any text of a record', () => {
    expect([...linkedIn({ a: ['![x](attachment:7/31) and [y](attachment:7/32)'], b: { c: 'attachment:7/33' } })]).toEqual([
      '31',
      '32',
      '33',
    ]);
  });
});

describe('markdown', () => {
  const attachments: Attachments = new Map([
    ['31', { file: 'x-plate.png', name: 'plate.png', picture: true }],
    ['32', { file: 'x-data.csv', name: 'data.csv', picture: false }],
  ]);
  const render = (text: string): string => markdownWith(attachments, '../attachments')(text).text;

  test.each([
    'javascript:alert(1)',
    'JaVaScRiPt:alert(1)',
    'data:text/html,x',
    'vbscript:x',
    'file:///etc/passwd',
    '//evil.example/x',
    '/etc/passwd',
    '&#106;avascript:x',
  ])('makes no link of %s', (url) => {
    expect(render(`[a](${url}) ![b](${url}) <${url}>`)).not.toMatch(/<(?:a|img)\b/);
  });

  test('leaves HTML as text', () => {
    expect(render('<img src=x onerror=alert(1)> <script>alert(1)</script>')).not.toMatch(/<(?:img|script)/);
  });

  test('says where a picture on another server is, and loads none', () => {
    const shown = render('![pixel](https://evil.example/pixel.png)');
    expect(shown).toContain('picture at https://evil.example/pixel.png');
    expect(shown).not.toContain('<img');
  });

  test('keeps referrers to itself', () => {
    expect(render('[a](https://example.com/?a=1&b="2")')).toContain('rel="noreferrer noopener"');
  });

  test('shows attachments that are there, and says which are not', () => {
    expect(render('![the plate](attachment:7/31)')).toContain('<img src="../attachments/x-plate.png" alt="the plate"');
    expect(render('[data](attachment:7/32)')).toContain('<a href="../attachments/x-data.csv">data</a>');
    expect(render('[gone](attachment:7/99)')).toContain('class="absent"');
  });

  test('writes no style into a page that forbids it', () => {
    expect(render('|a|\n|--:|\n|1|')).toContain('<td class="to-right">1</td>');
    expect(render('|a|\n|--:|\n|1|')).not.toContain('style=');
  });
});

test('a time that no calendar has is none', () => {
  for (const at of [1e300, Number.NaN, -1e17, 'yesterday', {}, null]) expect(timeAt({ at }, 'at')).toBeUndefined();
  expect(timeAt({ at: '2026-02-10T09:00:00Z' }, 'at')).toBe(1770714000000);
});
