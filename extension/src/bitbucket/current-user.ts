import type { Bitbucket } from './rest.ts';
import type { ListedToken } from './listed-token.ts';

/** The person logged in, with the list of their own tokens. */
export interface CurrentUser {
  readonly slug: string;
  readonly tokens: readonly ListedToken[];
}

/** What the page itself may say of who is logged in. No place is sure to be there. */
function namesInPage(document: Document): string[] {
  const names = [document.querySelector('[data-username]')?.getAttribute('data-username') ?? ''];
  for (const { textContent } of document.scripts) {
    const start = textContent.search(/onReady\(\s*\{|"currentUser"\s*:\s*\{/);
    if (start !== -1) names.push(/"slug"\s*:\s*"([^"\\]+)"/.exec(textContent.slice(start, start + 2000))?.[1] ?? '');
  }
  return names.filter((name) => name !== '');
}

/** A slug as Bitbucket makes it of a name: lower case, other signs replaced. */
const slugify = (name: string) => name.toLowerCase().replaceAll(/[^\p{L}\p{N}._-]/gu, '_');

/** Slugs to try, the likeliest first, each once. */
export function slugsToTry(names: readonly string[], fromAddress: string | null): string[] {
  return [...new Set([...(fromAddress === null ? [] : [fromAddress]), ...names, ...names.map(slugify)])];
}

/**
 * Who is logged in, told in several ways because none is documented: the session's name, the page, the address. The one whose
 * tokens REST lists is it: nobody else's are listed.
 * @param fromAddress the user that the page's address names
 * @returns `null` when nobody is logged in, or the page shows somebody else's tokens
 */
export async function findCurrentUser(bitbucket: Bitbucket, document: Document, fromAddress: string | null): Promise<CurrentUser | null> {
  const session = await bitbucket.userName().catch(() => null);
  const names = [...(session === null ? [] : [session]), ...namesInPage(document)];
  const own = new Set(names.map(slugify));
  // An administrator may look at somebody's tokens: those are not theirs to add.
  if (fromAddress !== null && own.size > 0 && !own.has(slugify(fromAddress))) return null;
  for (const slug of slugsToTry(names, fromAddress)) {
    const tokens = await bitbucket.tokens(slug);
    if (tokens !== null) return { slug, tokens };
  }
  return null;
}
