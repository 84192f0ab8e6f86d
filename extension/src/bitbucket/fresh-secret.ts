import { readToken, tokenPattern } from '@gitprotect/shared/credential';
import { composedChildren } from './composed-tree.ts';

/** A token's secret that the page shows. */
export interface ShownSecret {
  readonly secret: string;
  /** Decoded from it; `null` where a newer form hides it. */
  readonly tokenId: string | null;
  /** The element that shows it. */
  readonly element: Element;
}

const longest = 49;
const anywhere = new RegExp(tokenPattern, 'g');
const ignored = 'script, style, template, noscript, svg, head';

/**
 * Secrets that a page shows, in any kind of element: recognised by their form alone, whole in a text or a field, or split over
 * several elements. Each once.
 */
export function findShownSecrets(root: Element): ShownSecret[] {
  const found = new Map<string, ShownSecret>();
  const take = (text: string, element: Element) => {
    const secret = text.trim();
    const read = readToken(secret);
    if (read.form === 'not-a-token' || found.has(secret)) return;
    found.set(secret, { secret, tokenId: read.form === 'token' ? read.tokenId : null, element });
  };

  /** Its text without white space, or `null` when it is too long to be a secret. */
  const visit = (element: Element): string | null => {
    if (element instanceof HTMLInputElement || element instanceof HTMLTextAreaElement) {
      take(element.value, element);
      return null;
    }
    let text: string | null = '';
    for (const child of composedChildren(element)) {
      let part: string | null = '';
      if (child instanceof Text) {
        for (const [match] of child.data.matchAll(anywhere)) take(match, element);
        part = child.data.replaceAll(/\s+/g, '');
      } else if (child instanceof Element && !child.matches(ignored)) part = visit(child);
      text = text === null || part === null || text.length + part.length > longest ? null : text + part;
    }
    if (text !== null && text.length >= 44) take(text, element);
    return text;
  };
  visit(root);
  return [...found.values()];
}
