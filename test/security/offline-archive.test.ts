import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { recordsFrom, sampleKinds, sampleOf, sampleRecords } from '@gitprotect/agent/restore/archive/sample';
import { writeLayout } from '@gitprotect/agent/restore/exit/to-layout';
import fc from 'fast-check';
import { Window } from 'happy-dom';
import { expect, test } from 'vitest';

const poison = fc.constantFrom(
  '<script>alert(1)</script>',
  '</script><img src=x onerror=alert(1)>',
  `"'><svg onload=alert(1)>`,
  '[x](javascript:alert(1)) ![y](https://evil.example/p.png) <b onclick=a>',
  '\u202e\u0000\ud800</title>',
  '../../../etc/passwd',
  '[a](https://e.example/"onmouseover="alert(1))',
);
const anything = fc.oneof(poison, fc.jsonValue({ maxDepth: 2 }), fc.constant(null), fc.constant(1e308), fc.constant('__proto__'));

/** The value with some of what is in it poisoned, missing, or of another type. */
function mutated(value: unknown, next: () => unknown, odds: () => number): unknown {
  const chance = odds();
  if (chance === 0) return next();
  if (typeof value === 'string') return chance < 4 ? next() : value;
  if (Array.isArray(value)) return value.map((item) => mutated(item, next, odds));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(() => odds() !== 1)
      .map(([key, inner]) => [key, mutated(inner, next, odds)]),
  );
}

const window = new Window();
const parser = new window.DOMParser();

/** Where an attribute may lead. */
const places: Readonly<Record<string, RegExp>> = {
  href: /^(?:\.\.?\/[\w./-]+$|#[\w.+-]+$|https?:\/\/|mailto:)/i,
  src: /^\.\.?\/(?:attachments\/)?[\w.-]+$/,
};

function expectHarmless(html: string): void {
  const page = parser.parseFromString(html, 'text/html');
  const scripts = [...page.querySelectorAll('script')].map((script) => [
    script.getAttribute('src')?.replace(/^\.\.?\//, ''),
    script.textContent,
  ]);
  expect(scripts.every(([src, text]) => (src === 'archive.js' || src === 'search.js') && text === '')).toBe(true);
  for (const element of page.querySelectorAll('*')) {
    for (const { name, value } of element.attributes) {
      expect(name).not.toMatch(/^(?:on|style|srcdoc|srcset|action|formaction|background|ping)/);
      expect(value).toMatch(places[name] ?? /^/);
    }
  }
  expect(page.querySelectorAll('svg, iframe, object, embed, form:not(#search), base, style').length).toBe(0);
  expect(page.querySelector('meta[http-equiv]')?.getAttribute('content')).toContain("default-src 'none'");
}

test('whatever the records say, pages are written, and nothing in them runs or asks the network', async () => {
  const recipe = fc.tuple(fc.array(anything, { minLength: 5, maxLength: 20 }), fc.array(fc.nat(11), { minLength: 40, maxLength: 400 }));
  await fc.assert(
    fc.asyncProperty(recipe, async ([values, chances]) => {
      let at = 0;
      const odds = (): number => chances[at++ % chances.length] ?? 2;
      const next = (): unknown => values[at++ % values.length];
      const records = sampleRecords.map((record) => ({ ...record, value: mutated(record.value, next, odds) }));
      const dir = mkdtempSync(join(tmpdir(), 'gitprotect-hostile-'));
      try {
        const of = { ...sampleOf, name: String(next()), server: String(next()) };
        await writeLayout(dir, { of, kinds: sampleKinds, records: recordsFrom(records) }, new AbortController().signal);
        const archive = join(dir, 'gitprotect', 'archive');
        const pages = readdirSync(archive, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.html'));
        expect(pages.length).toBe(5);
        for (const file of pages) expectHarmless(readFileSync(join(archive, file), 'utf8'));
      } finally {
        rmSync(dir, { recursive: true, force: true });
      }
    }),
    { numRuns: 60 },
  );
});
