/** The page as a person sees it: open shadow roots are part of it, closed ones are out of reach. */

/** The one element name we add to pages: never taken for the page's own. */
export const ownTag = 'gitprotect-ui';

/** Parent across the border of a shadow root. */
export function composedParent(node: Node): Element | null {
  const parent = node.parentNode;
  if (parent instanceof ShadowRoot) return parent.host;
  return parent instanceof Element ? parent : null;
}

/** Children, those in an open shadow root first. */
export function composedChildren(element: Element): readonly Node[] {
  const own = [...element.childNodes];
  return element.shadowRoot === null ? own : [...element.shadowRoot.childNodes, ...own];
}

/** `element` and its ancestors, innermost first. */
export function* composedAncestors(element: Element): Generator<Element> {
  for (let current: Element | null = element; current !== null; current = composedParent(current)) yield current;
}

/** The innermost ancestor, or itself, that matches. */
export function composedClosest(element: Element, selector: string): Element | null {
  for (const ancestor of composedAncestors(element)) if (ancestor.matches(selector)) return ancestor;
  return null;
}

/** Every element below `root`, in the order of the page. */
export function* composedElements(root: Element): Generator<Element> {
  for (const child of composedChildren(root)) {
    if (!(child instanceof Element)) continue;
    yield child;
    yield* composedElements(child);
  }
}

const unseen = 'script, style, template, noscript, link, meta, svg';

/** All text below `element`, whitespace as it comes, a space between elements: cells do not run into each other. */
export function composedText(element: Element): string {
  let text = '';
  for (const child of composedChildren(element)) {
    if (child instanceof Text) text += child.data;
    else if (child instanceof Element && !child.matches(unseen)) text += ` ${composedText(child)} `;
  }
  return text;
}

/** One line without invisible characters: what a person would read. */
export function tidy(text: string): string {
  return text
    .normalize('NFC')
    .replaceAll(/[\u00AD\u200B-\u200D\u2060\uFEFF]/g, '')
    .replaceAll(/\s+/g, ' ')
    .trim();
}

/** Whether a person cannot see it. `display: contents` has no box of its own, so its parent decides. */
export function isHidden(element: Element): boolean {
  for (const ancestor of composedAncestors(element)) {
    if (ancestor instanceof HTMLElement && ancestor.hidden) return true;
    const { display, visibility } = getComputedStyle(ancestor);
    if (display === 'none') return true;
    if (ancestor === element && (visibility === 'hidden' || visibility === 'collapse')) return true;
  }
  return false;
}
