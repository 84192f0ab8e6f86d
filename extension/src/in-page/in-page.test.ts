import { expect, test, vi } from 'vitest';
import { placeBeside } from './card-layer.tsx';
import { Fights } from './fights.ts';
import { createHost } from './host.tsx';
import { luminance } from './theme.ts';
import { trusted } from './trusted.ts';

test('the page can neither look into what we add nor click it', () => {
  const act = vi.fn<() => void>();
  const { element } = createHost('button');
  expect(element.shadowRoot).toBeNull();
  trusted(act)(new MouseEvent('click'));
  expect(act).not.toHaveBeenCalled();
});

test('gives way to a page that keeps taking out what we put in, and not to one that did so long ago', () => {
  const fights = new Fights();
  expect([1, 2, 3, 4, 5].map((second) => fights.lost(second * 1000))).toEqual([false, false, false, false, false]);
  expect(fights.lost(60_000)).toBe(false);
  const eager = new Fights();
  expect([1, 2, 3, 4, 5, 6].map((second) => eager.lost(second * 1000)).at(-1)).toBe(true);
});

test('tells light from dark, and what is not painted from both', () => {
  expect(luminance('rgb(255, 255, 255)')).toBeCloseTo(1);
  expect(luminance('rgb(29, 33, 37)')).toBeLessThan(0.2);
  for (const none of ['', 'transparent', 'rgba(0, 0, 0, 0)', 'oklch(0 0 0)']) expect(luminance(none)).toBeNull();
});

test('keeps a card within the window', () => {
  const view = { width: 400, height: 600 };
  const card = { width: 300, height: 200 };
  expect(placeBeside(new DOMRect(300, 100, 80, 30), card, view)).toEqual({ top: 138, left: 80 });
  expect(placeBeside(new DOMRect(300, 550, 80, 30), card, view).top).toBe(342);
  expect(placeBeside(new DOMRect(-500, -500, 10, 10), card, view)).toEqual({ top: 12, left: 12 });
});
