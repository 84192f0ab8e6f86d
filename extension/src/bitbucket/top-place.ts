import { composedAncestors, composedParent, isHidden } from './composed-tree.ts';
import type { Place } from './row-place.ts';

/** Parents that would take a block for a row, a column or an item of theirs. */
function arranges(parent: Element): boolean {
  if (
    parent.matches('table, thead, tbody, tfoot, tr, ul, ol, dl, p, select, [role="grid"], [role="table"], [role="row"], [role="rowgroup"]')
  )
    return true;
  const { display, flexDirection, overflowY } = getComputedStyle(parent);
  // What scrolls measures its content, and would take ours along.
  if (/auto|scroll/.test(overflowY)) return true;
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

const main = 'main, [role="main"], #content';

/** The one in a plain block `height` levels further out, within the main content. */
function further(element: Element, height: number): Element {
  const around = composedParent(element);
  if (height === 0 || around === null || around === document.body || around.matches(main)) return element;
  return further(block(around), height - 1);
}

/**
 * Where our own bar or panel goes: above the list when its rows are known, else below the first heading of the main content.
 * @param rows of the page's list, empty when it has none that we can see
 * @param height how many levels further out than right above the list: for pages that clear what stands near it
 */
export function topPlace(document: Document, rows: readonly Element[], height: number): Place {
  const list = commonAncestor(rows);
  if (list !== null && list !== document.body) {
    const before = further(block(list), height);
    return { parent: before.parentNode ?? document.body, before };
  }
  const content = document.querySelector(main) ?? document.body;
  const heading = [...content.querySelectorAll('h1, h2')].find((one) => !isHidden(one));
  if (heading === undefined) return { parent: content, before: content.firstChild };
  const after = block(heading);
  return content.contains(after) && after !== content
    ? { parent: after.parentNode ?? content, before: after.nextSibling }
    : { parent: content, before: content.firstChild };
}
