export type Theme = 'light' | 'dark';

const clear = /^(transparent|rgba?\([^)]*[,/]\s*0\))$/;

/** Relative luminance of a computed `rgb()` colour, from 0 to 1; `null` for what has none of its own. */
export function luminance(color: string): number | null {
  if (color === '' || clear.test(color)) return null;
  const [red, green, blue] = [...color.matchAll(/[\d.]+/g)].map(([value]) => Number(value) / 255);
  if (red === undefined || green === undefined || blue === undefined || !color.startsWith('rgb')) return null;
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** Light or dark, as the page around `element` is: by what is painted there, else by what the page or the browser prefers. */
export function themeAround(element: Element): Theme {
  const root = element.ownerDocument.documentElement;
  for (let current: Element | null = element; current !== null; current = current.parentElement) {
    const light = luminance(getComputedStyle(current).backgroundColor);
    if (light !== null) return light < 0.4 ? 'dark' : 'light';
  }
  const mode = root.dataset['colorMode'];
  if (mode === 'dark' || mode === 'light') return mode;
  const prefersDark = matchMedia('(prefers-color-scheme: dark)').matches;
  const adapts = mode === 'auto' || getComputedStyle(root).colorScheme.includes('dark');
  return prefersDark && adapts ? 'dark' : 'light';
}
