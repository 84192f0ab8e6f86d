import { ownTag } from './composed-tree.ts';

/** Where a button joins a row: as the last thing in its last cell, or in the row itself. */
export interface Place {
  readonly parent: Node;
  /** `null` for the end. */
  readonly before: Node | null;
}

const controls = 'button, a[href], [role="button"]';
const unseen = `style, script, template, link, ${ownTag}`;

export function placeIn(row: Element): Place {
  // Light children of a shadow host show up only in a slot, so what is inside gets the button.
  const home = row.shadowRoot ?? row;
  const children = [...home.children].filter((child) => !child.matches(unseen));
  const cells = children.filter((child) => child.matches('td, th, [role="cell"], [role="gridcell"]'));
  const cell = cells.at(-1);
  if (cell !== undefined) return { parent: cell, before: null };
  // Firefox gives no clicks to what is inside a button.
  if (row.matches('button, input, select, textarea')) return { parent: row.parentNode ?? row, before: row.nextSibling };
  // Beside the row's own buttons where they are a group: as one more column it would push them aside.
  const group = children.at(-1);
  if (group !== undefined && !group.matches(controls) && group.children.length > 0 && [...group.children].every(isControl))
    return { parent: group, before: null };
  const [only, more] = children;
  const alone = only !== undefined && more === undefined && only.children.length > 0;
  return alone ? placeIn(only) : { parent: home, before: null };
}

const isControl = (element: Element) => element.matches(`${controls}, ${ownTag}`);
