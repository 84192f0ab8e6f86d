import { composedChildren, tidy } from './composed-tree.ts';

/** The smallest element that shows a known name, and how sure that is. */
export interface NameHolder {
  readonly element: Element;
  readonly name: string;
  /** 3: its text is the name. 2: its title or label is, or its text is the name cut short. 1: the name stands among other words. */
  readonly strength: 1 | 2 | 3;
}

/** Never a list of tokens: other places that like to repeat names. */
const elsewhere =
  'script, style, template, noscript, svg, select, datalist, nav, head, [role="navigation"], [role="menu"], [role="menubar"], ' +
  'dialog, [role="dialog"], [role="alertdialog"], [role="alert"], [role="status"], [role="tooltip"]';
const labels = ['title', 'aria-label', 'data-original-title', 'data-tooltip'];
const longestText = 400;
const wordSigns = /[\p{L}\p{N}_.-]/u;

/** Whether `name` stands in `text` as a word of its own: `ci` does not in `ci-clone`. */
function standsIn(text: string, name: string): boolean {
  for (let at = text.indexOf(name); at !== -1; at = text.indexOf(name, at + 1)) {
    const before = text.charAt(at - 1);
    const after = text.charAt(at + name.length);
    if (!wordSigns.test(before) && !wordSigns.test(after)) return true;
  }
  return false;
}

/** The only name that a text with an ellipsis can stand for. */
function uncut(text: string, names: readonly string[]): string | null {
  const [start = '', end = '', more] = text.split(/…|\.{3}/);
  if (more !== undefined || start.trim().length < 3 || text === start) return null;
  const fitting = names.filter((name) => name.startsWith(start.trim()) && name.endsWith(end.trim()) && name.length > start.trim().length);
  return fitting.length === 1 ? (fitting[0] ?? null) : null;
}

/**
 * Where known names stand below `root`, in the order of the page.
 * @param names tidied, each once
 */
export function findNameHolders(root: Element, names: readonly string[]): NameHolder[] {
  const known = new Set(names);
  const longestFirst = names.toSorted((a, b) => b.length - a.length);
  const found: NameHolder[] = [];

  /** The name that an element itself says, whatever its children say. */
  const spoken = (element: Element, text: string | null): Omit<NameHolder, 'element'> | null => {
    const full = text === null ? '' : tidy(text);
    if (known.has(full)) return { name: full, strength: 3 };
    for (const label of labels) {
      const value = tidy(element.getAttribute(label) ?? '');
      if (known.has(value)) return { name: value, strength: 2 };
    }
    const whole = uncut(full, names);
    return whole === null ? null : { name: whole, strength: 2 };
  };

  /** A name that one of its own pieces of text is, or has among other words. */
  const mentioned = (element: Element): Omit<NameHolder, 'element'> | null => {
    const pieces = composedChildren(element).flatMap((child) => (child instanceof Text ? [tidy(child.data)] : []));
    const exact = pieces.find((piece) => known.has(piece));
    if (exact !== undefined) return { name: exact, strength: 2 };
    const within = longestFirst.find((name) => pieces.some((piece) => piece.length <= longestText && standsIn(piece, name)));
    return within === undefined ? null : { name: within, strength: 1 };
  };

  /** Its text, or `null` when it is too long to be of interest. Pushes holders on the way. */
  const visit = (element: Element): string | null => {
    let text: string | null = '';
    const before = found.length;
    for (const child of composedChildren(element)) {
      let part: string | null = '';
      if (child instanceof Text) part = child.data;
      else if (child instanceof Element && !child.matches(elsewhere)) part = visit(child);
      text = text === null || part === null || text.length + part.length > longestText ? null : text + part;
    }
    const inside = found.slice(before);
    const own = spoken(element, text) ?? mentioned(element);
    if (own === null || inside.some(({ name, strength }) => name === own.name && strength >= own.strength)) return text;
    // A name split over nodes may have parts that are names too: the whole one is meant.
    if (own.strength === 3) found.length = before;
    if (own.strength > 1 || inside.length === 0) found.push({ element, ...own });
    return text;
  };
  visit(root);
  return found;
}
