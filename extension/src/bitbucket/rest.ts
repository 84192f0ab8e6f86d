import type { Permission } from '@gitprotect/shared/credential';
import { AppError } from '@gitprotect/shared/errors';
import type { ListedToken } from './listed-token.ts';
import { list, number, property, text } from './read-json.ts';

const isPermission = (name: unknown): name is Permission => typeof name === 'string' && /^(PROJECT|REPO)_(READ|WRITE|ADMIN)$/.test(name);

/** One token of an answer; `null` where it has no id or no name. */
function listed(value: unknown): ListedToken | null {
  const id = text(value, 'id');
  const name = text(value, 'name');
  if (id === null || name === null) return null;
  const permissions = list(value, 'permissions').filter(isPermission);
  return { id, name, permissions, createdAt: number(value, 'createdDate'), expiresAt: number(value, 'expiryDate') };
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
      const page: unknown = await response.json();
      const values = list(page, 'values').flatMap((value) => listed(value) ?? []);
      all.push(...values);
      start = property(page, 'isLastPage') === true || values.length === 0 ? null : number(page, 'nextPageStart');
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
      headers: { 'Content-Type': 'application/json', ...noCheck },
      body: JSON.stringify(token),
    });
    if (!response.ok) throw await refusal(response);
    const answer: unknown = await response.json();
    const created = listed(answer);
    const secret = text(answer, 'token');
    if (created === null || secret === null) {
      throw new AppError('server-bad-answer', 'Bitbucket made the token but did not show it', {
        remedy: 'revoke it in the list and try again',
      });
    }
    return { ...created, permissions: created.permissions.length === 0 ? token.permissions : created.permissions, secret };
  }

  /** Ends a token of the person logged in, for good; one that is gone already is no error. @throws AppError in words */
  async revoke(slug: string, tokenId: string): Promise<void> {
    const response = await this.#fetch(`${tokensOf(slug)}/${tokenId}`, { method: 'DELETE', headers: noCheck });
    if (!response.ok && response.status !== 404) throw await refusal(response);
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

const noCheck = { 'X-Atlassian-Token': 'no-check' };
const tokensOf = (slug: string) => `/rest/access-tokens/latest/users/${encodeURIComponent(slug)}`;

async function refusal(response: Response): Promise<AppError> {
  const body: unknown = await response.json().catch(() => null);
  const said = text(list(body, 'errors')[0], 'message') ?? '';
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
