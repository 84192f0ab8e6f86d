import { composedAncestors, composedParent, isHidden } from './composed-tree.ts';
import type { Place } from './row-place.ts';

/** Parents that would take a block for a row, a column or an item of theirs. */
function arranges(parent: Element): boolean {
  if (
    parent.matches('table, thead, tbody, tfoot, tr, ul, ol, dl, p, select, [role="grid"], [role="table"], [role="row"], [role="rowgroup"]')
  )
    return true;
  const { display, flexDirection } = getComputedStyle(parent);
  if (display.endsWith('flex')) return !flexDirection.startsWith('column');
  return display.endsWith('grid') || display.startsWith('table') || display.startsWith('inline') || display === 'contents';
}

/** The innermost element around all of them. */
function commonAncestor(elements: readonly Element[]): Element | null {
  const [first, ...others] = elements;
  if (first === undefined) return null;
  for (const ancestor of composedAncestors(first)) {
    const inside = others.every((other) => [...composedAncestors(other)].includes(ancestor));
    if (inside && (others.length > 0 || ancestor !== first)) return ancestor;
  }
  return null;
}

/** The element itself or the one around it that stands in a plain block. */
function block(element: Element): Element {
  let current = element;
  for (
    let parent = composedParent(current);
    parent !== null && arranges(parent) && parent !== document.body;
    parent = composedParent(current)
  ) {
    current = parent;
  }
  return current;
}

/**
 * Where our own bar or panel goes: above the list when its rows are known, else below the first heading of the main content.
 * @param rows of the page's list, empty when it has none that we can see
 */
export function topPlace(document: Document, rows: readonly Element[]): Place {
  const list = commonAncestor(rows);
  if (list !== null && list !== document.body) {
    const before = block(list);
    return { parent: before.parentNode ?? document.body, before };
  }
  const main = document.querySelector('main, [role="main"], #content') ?? document.body;
  const heading = [...main.querySelectorAll('h1, h2')].find((one) => !isHidden(one));
  if (heading === undefined) return { parent: main, before: main.firstChild };
  const after = block(heading);
  return main.contains(after) && after !== main
    ? { parent: after.parentNode ?? main, before: after.nextSibling }
    : { parent: main, before: main.firstChild };
}
