import { AppError } from '@gitprotect/shared/errors';
import { Permission } from '@gitprotect/shared/credential';
import * as v from 'valibot';
import type { ListedToken } from './listed-token.ts';

const Millis = v.nullish(v.number());
const RestToken = v.object({
  id: v.string(),
  name: v.string(),
  permissions: v.optional(v.array(v.string()), []),
  createdDate: Millis,
  expiryDate: Millis,
});
const Page = v.object({ values: v.array(RestToken), isLastPage: v.optional(v.boolean(), true), nextPageStart: v.nullish(v.number()) });
const Created = v.object({ ...RestToken.entries, token: v.string() });
const Refusal = v.object({ errors: v.array(v.object({ message: v.nullish(v.string()) })) });

function listed({ id, name, permissions, createdDate, expiryDate }: v.InferOutput<typeof RestToken>): ListedToken {
  const known = permissions.filter((one) => v.is(Permission, one));
  return { id, name, permissions: known, createdAt: createdDate ?? null, expiresAt: expiryDate ?? null };
}

/** A token to make. `expiryDays` is a whole number of days. */
export interface NewToken {
  readonly name: string;
  readonly permissions: readonly Permission[];
  readonly expiryDays: number;
}

/** A token just made, with the only copy of its secret. */
export interface CreatedToken extends ListedToken {
  readonly secret: string;
}

/** The REST of the page's own server, with the session of the person in front of it. */
export class Bitbucket {
  readonly #base: string;
  readonly #signal: AbortSignal;

  /** @param base the server's base URL with context path */
  constructor(base: string, signal: AbortSignal) {
    this.#base = base;
    this.#signal = signal;
  }

  /** The name of who is logged in, `null` for nobody: `whoami` answers with an empty text then. */
  async userName(): Promise<string | null> {
    const response = await this.#fetch('/plugins/servlet/applinks/whoami');
    const text = response.ok ? (await response.text()).trim() : '';
    const name = response.headers.get('X-AUSERNAME') ?? (/^[^\s<>]{1,255}$/.test(text) ? text : '');
    return name === '' ? null : decodeURIComponent(name);
  }

  /** The tokens of a user; `null` when there is no such user or it is somebody else. */
  async tokens(slug: string): Promise<ListedToken[] | null> {
    const all: ListedToken[] = [];
    for (let start: number | null = 0; start !== null;) {
      const response = await this.#fetch(`${tokensOf(slug)}?limit=100&start=${start}`);
      if (response.status === 401 || response.status === 403 || response.status === 404) return null;
      if (!response.ok) throw await refusal(response);
      const page = v.parse(Page, await response.json());
      all.push(...page.values.map(listed));
      start = page.isLastPage || page.values.length === 0 ? null : (page.nextPageStart ?? null);
    }
    return all;
  }

  /**
   * Makes a token for the person logged in. REST alone shows its secret, this once.
   * @throws AppError in words: not logged in, too many tokens, an expiry the administrator does not allow
   */
  async create(slug: string, token: NewToken): Promise<CreatedToken> {
    const response = await this.#fetch(tokensOf(slug), {
      method: 'PUT',
      headers: { 'Content-Type': 'application/json', 'X-Atlassian-Token': 'no-check' },
      body: JSON.stringify(token),
    });
    if (!response.ok) throw await refusal(response);
    const created = v.safeParse(Created, await response.json());
    if (!created.success)
      throw new AppError('server-bad-answer', 'Bitbucket made the token but did not show it', {
        remedy: 'revoke it in the list and try again',
      });
    const { permissions } = created.output;
    const facts = listed(created.output);
    return { ...facts, permissions: permissions.length === 0 ? token.permissions : facts.permissions, secret: created.output.token };
  }

  async #fetch(path: string, init: RequestInit = {}): Promise<Response> {
    try {
      return await fetch(this.#base + path, { ...init, credentials: 'same-origin', redirect: 'error', signal: this.#signal });
    } catch (error) {
      throw new AppError('server-unreachable', `Bitbucket did not answer at ${new URL(this.#base).host}`, {
        remedy: 'reload the page and try again',
        cause: error,
      });
    }
  }
}

const tokensOf = (slug: string) => `/rest/access-tokens/latest/users/${encodeURIComponent(slug)}`;

async function refusal(response: Response): Promise<AppError> {
  const body = v.safeParse(Refusal, await response.json().catch(() => null));
  const said = body.success ? (body.output.errors[0]?.message ?? '') : '';
  const words = said === '' ? `Bitbucket answered ${response.status}` : `Bitbucket says: ${said}`;
  switch (response.status) {
    case 401:
    case 403:
      return new AppError('not-allowed', words, { remedy: 'log in to Bitbucket again, then reload the page' });
    case 404:
      return new AppError('not-found', words, { remedy: 'ask an administrator whether HTTP access tokens are switched on' });
    case 429:
      return new AppError('throttled', words, { remedy: 'wait a minute and try again' });
    case 400:
      if (/maximum|limit|too many/i.test(said) && !/expir|days/i.test(said))
        return new AppError('bad-request', words, { remedy: 'revoke a token you no longer need, then try again' });
      if (/expir|days/i.test(said)) return new AppError('bad-request', words, { remedy: 'choose an earlier expiry' });
      return new AppError('bad-request', words);
    default:
      return new AppError('server-error', words, { remedy: 'try again in a moment' });
  }
}
