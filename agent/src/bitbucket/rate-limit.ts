import { AppError } from '@gitprotect/shared/errors';
import * as v from 'valibot';
import type { Reader } from './reader.ts';

const Bucket = v.looseObject({ capacity: v.pipe(v.number(), v.minValue(1)), fillRate: v.pipe(v.number(), v.minValue(0)) });
const Settings = v.looseObject({ enabled: v.optional(v.boolean()), defaultSettings: v.optional(Bucket) });
const UserSettings = v.looseObject({ settings: v.nullish(Bucket), whitelisted: v.nullish(v.boolean()) });

/** How a user's requests are limited: at most `capacity` at once, `fillRate` more each second. */
export type RateLimit =
  | { readonly kind: 'limited'; readonly capacity: number; readonly fillRate: number }
  | { readonly kind: 'unlimited' }
  /** The server does not say: learn from its refusals. */
  | { readonly kind: 'unknown' };

/** The rate limit of one user: their own settings, else the server's, else unknown. `null` is no user's, as a project's token. */
export async function readRateLimit(reader: Reader, ownerSlug: string | null, signal?: AbortSignal): Promise<RateLimit> {
  const path = '/rest/api/latest/admin/rate-limit/settings';
  const general = await unlessForbidden(reader.get(path, { schema: Settings, signal }));
  if (general?.enabled === false) return { kind: 'unlimited' };
  const own =
    ownerSlug === null
      ? null
      : await unlessForbidden(reader.get(`${path}/users/${encodeURIComponent(ownerSlug)}`, { schema: UserSettings, signal }));
  if (own?.whitelisted === true) return { kind: 'unlimited' };
  const bucket = own?.settings ?? general?.defaultSettings;
  return bucket === undefined ? { kind: 'unknown' } : { kind: 'limited', capacity: bucket.capacity, fillRate: bucket.fillRate };
}

async function unlessForbidden<T>(answer: Promise<T>): Promise<T | null> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof AppError && ['token-no-read', 'not-found', 'server-bad-answer'].includes(error.code)) return null;
    throw error;
  }
}
