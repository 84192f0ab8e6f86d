import type { Clock } from '@gitprotect/agent/lib/clock';
import type { ListingCache } from './listing-cache.ts';
import type { RateLimits } from './limits.ts';
import type { State } from './state.ts';

/** What the answers of one simulated instance depend on. */
export interface Instance {
  /** Base URL with context path, without a slash at the end. */
  readonly url: string;
  /** '' or '/bitbucket'. */
  readonly contextPath: string;
  readonly version: string;
  readonly state: State;
  readonly limits: RateLimits;
  readonly clock: Clock;
  /** The largest page it gives, whatever `limit` asks. */
  readonly pageLimit: number;
  /** Lists with a maximum of their own. */
  readonly pageLimits: { readonly pullRequests: number; readonly activities: number };
  /** Folder of the `.gitconfig` that git runs with for clients. */
  readonly gitHome: string;
  /** Answers to questions for refs that are kept; `undefined` where git is asked each time. */
  readonly listings: ListingCache | undefined;
}
