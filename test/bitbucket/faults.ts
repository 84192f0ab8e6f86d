import type { Repo } from './model.ts';

/** What goes wrong. Byte positions count the answer's body from 0. */
export type Fault =
  /** Answers late. */
  | { readonly kind: 'delay'; readonly milliseconds: number }
  /** 429; without `retryAfter` the header is missing. */
  | { readonly kind: 'throttle'; readonly retryAfter?: number | string }
  /** 503, or another status, as a proxy or an overloaded server says it. */
  | { readonly kind: 'unavailable'; readonly status?: number; readonly retryAfter?: number | string }
  /** The connection is reset before any answer. */
  | { readonly kind: 'reset' }
  /** The connection is closed after `at` bytes of the body. */
  | { readonly kind: 'cut'; readonly at: number }
  /** The body ends early but HTTP ends properly; `flush` ends git's packet stream properly too. */
  | { readonly kind: 'truncate'; readonly at: number; readonly flush?: boolean }
  /** One bit of byte `at` is wrong. */
  | { readonly kind: 'flip'; readonly at: number }
  /** Nothing comes after `at` bytes, and the socket stays open. */
  | { readonly kind: 'stall'; readonly at: number }
  /** 200 with the right content type and no body. */
  | { readonly kind: 'empty' }
  /** 200 with an HTML login page, whatever was asked. */
  | { readonly kind: 'login-page' }
  /** 302 to `to` (an absolute URL; the request's path is appended when it ends in a slash). */
  | { readonly kind: 'redirect'; readonly to: string; readonly status?: number }
  /** The right body under another content type. */
  | { readonly kind: 'content-type'; readonly type: string }
  /** The request's token is revoked: before it is looked at, or once `afterBytes` of the answer are out. */
  | { readonly kind: 'revoke'; readonly afterBytes?: number }
  /** `run` is called between a ref listing and the next request to that repository: force-push and `gc` there. */
  | { readonly kind: 'after-listing'; readonly run: (repo: Repo) => Promise<void> | void }
  /** The `Git-Protocol` header is not understood: protocol v0. */
  | { readonly kind: 'no-v2' }
  /** A git POST is refused (400) until the same user has sent the GET of `info/refs`. */
  | { readonly kind: 'get-first' };

/** What a fault is matched against. */
export interface RequestFacts {
  readonly method: string;
  /** Path below the context path, with the query. */
  readonly path: string;
  readonly user: string | undefined;
  readonly tokenId: string | undefined;
  /** `KEY/slug` in the case the request used, for git and for REST below a repository. */
  readonly repo: string | undefined;
  readonly git: GitOperation | undefined;
}

export type GitOperation = 'advertise' | 'ls-refs' | 'fetch' | 'advertise-push' | 'push' | 'lfs';

/** Which requests a fault hits: all conditions given must hold. */
export interface When {
  readonly method?: string;
  readonly path?: RegExp;
  /** Name of the user the request counts as. */
  readonly user?: string;
  readonly tokenId?: string;
  /** `KEY/slug`, in any case. */
  readonly repo?: string;
  readonly git?: GitOperation | readonly GitOperation[];
  /** The first matching request that is hit, counted from 1. */
  readonly nth?: number;
  /** How many are hit; all, when absent. */
  readonly times?: number;
}

/** A fault that was switched on. */
export interface ActiveFault {
  readonly fault: Fault;
  readonly when: When;
  /** Requests it has hit so far. */
  readonly hits: number;
  remove(): void;
}

function matches(when: When, facts: RequestFacts): boolean {
  const operations = when.git === undefined ? undefined : [when.git].flat();
  return (
    (when.method === undefined || when.method === facts.method) &&
    (when.path === undefined || when.path.test(facts.path)) &&
    (when.user === undefined || when.user === facts.user) &&
    (when.tokenId === undefined || when.tokenId === facts.tokenId) &&
    (when.repo === undefined || when.repo.toLowerCase() === facts.repo?.toLowerCase()) &&
    (operations === undefined || (facts.git !== undefined && operations.includes(facts.git)))
  );
}

/** The faults that are on. Empty, the server behaves. */
export class Faults {
  #active: { fault: Fault; when: When; seen: number; hits: number }[] = [];

  /** Switches `fault` on for the requests `when` describes, all of them by default. */
  add(fault: Fault, when: When = {}): ActiveFault {
    const entry = { fault, when, seen: 0, hits: 0 };
    this.#active.push(entry);
    return {
      fault,
      when,
      get hits() {
        return entry.hits;
      },
      remove: () => {
        this.#active = this.#active.filter((other) => other !== entry);
      },
    };
  }

  clear(): void {
    this.#active = [];
  }

  get active(): readonly { readonly fault: Fault; readonly when: When; readonly hits: number }[] {
    return this.#active;
  }

  /** The faults that hit this request. Counts it: call once a request. */
  hitting(facts: RequestFacts): Fault[] {
    const hit: Fault[] = [];
    for (const entry of this.#active) {
      if (!matches(entry.when, facts)) continue;
      entry.seen += 1;
      if (entry.seen < (entry.when.nth ?? 1) || entry.hits >= (entry.when.times ?? Infinity)) continue;
      entry.hits += 1;
      hit.push(entry.fault);
    }
    return hit;
  }
}

/** The first fault of a kind among those that hit a request. */
export function faultOf<K extends Fault['kind']>(faults: readonly Fault[], kind: K): Extract<Fault, { kind: K }> | undefined {
  return faults.find((fault): fault is Extract<Fault, { kind: K }> => fault.kind === kind);
}
