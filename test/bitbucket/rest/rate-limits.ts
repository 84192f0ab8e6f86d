import { BitbucketError, invalid, notPermitted } from '../errors.ts';
import type { BucketSettings, UserLimit } from '../limits.ts';
import type { User } from '../model.ts';
import { pageOf } from '../paging.ts';
import { isAdmin } from '../permissions.ts';
import { jsonBody, noContent, ok, type Call, type Routes } from '../router.ts';
import { requireAdmin, requireNamedUser, requireUser } from './access.ts';
import { userJson } from './json.ts';

const instanceJson = ({ instance: { limits } }: Call) => ({ enabled: limits.enabled, defaultSettings: limits.defaults });

const limitJson = (call: Call, user: User, limit: UserLimit) => ({
  user: userJson(call.instance, user),
  ...('settings' in limit ? { whitelisted: false, settings: limit.settings } : { whitelisted: true }),
});

function bucket(value: unknown): BucketSettings | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { capacity, fillRate } = value as Partial<BucketSettings>;
  const valid = Number.isInteger(capacity) && Number.isInteger(fillRate) && Number(capacity) > 0 && Number(fillRate) > 0;
  if (!valid) throw invalid('settings', 'Capacity and fill rate must be whole numbers greater than 0.');
  return { capacity: Number(capacity), fillRate: Number(fillRate) };
}

async function setInstance(call: Call) {
  requireAdmin(call);
  const { enabled, defaultSettings } = await jsonBody(call);
  const { limits } = call.instance;
  if (enabled === undefined && defaultSettings === undefined) throw invalid(null, 'The request is empty.');
  if (enabled !== undefined && typeof enabled !== 'boolean') throw invalid('enabled', 'The enabled field must be a boolean.');
  Object.assign(limits.defaults, bucket(defaultSettings));
  limits.enabled = enabled ?? limits.enabled;
  return ok(instanceJson(call));
}

/** A user may read the own limits, an administrator everybody's; 404 where no settings were made for the user. */
function readUser(call: Call) {
  const asker = requireUser(call);
  const user = requireNamedUser(call);
  if (user !== asker && !isAdmin(call.identity)) throw notPermitted();
  const limit = call.instance.limits.overrides.get(user);
  if (limit === undefined) throw noSettings(user);
  return ok(limitJson(call, user, limit));
}

const noSettings = (user: User) =>
  new BitbucketError(404, [
    {
      context: null,
      message: `There are no rate limit settings for user ${user.name}.`,
      exceptionName: 'com.atlassian.bitbucket.NoSuchObjectException',
    },
  ]);

async function setUser(call: Call) {
  requireAdmin(call);
  const user = requireNamedUser(call);
  const { whitelisted, settings } = await jsonBody(call);
  const own = bucket(settings);
  if ((whitelisted === true) === (own !== undefined)) throw invalid(null, 'Either whitelisted or settings must be given.');
  const limit: UserLimit = own === undefined ? { whitelisted: true } : { settings: own };
  call.instance.limits.overrides.set(user, limit);
  return ok(limitJson(call, user, limit));
}

const base = '/rest/api/latest/admin/rate-limit';

export const rateLimitRoutes: Routes = {
  [`GET ${base}/settings`]: (call) => {
    requireUser(call);
    return ok(instanceJson(call));
  },
  [`PUT ${base}/settings`]: setInstance,
  [`GET ${base}/settings/users`]: (call) => {
    requireAdmin(call);
    const all = [...call.instance.limits.overrides].map(([user, limit]) => limitJson(call, user, limit));
    return ok(pageOf(all, call.query, call.instance.pageLimit));
  },
  [`GET ${base}/settings/users/{userSlug}`]: readUser,
  [`PUT ${base}/settings/users/{userSlug}`]: setUser,
  [`DELETE ${base}/settings/users/{userSlug}`]: (call) => {
    requireAdmin(call);
    const user = requireNamedUser(call);
    if (!call.instance.limits.overrides.delete(user)) throw noSettings(user);
    return noContent();
  },
  [`GET ${base}/history`]: (call) => {
    requireAdmin(call);
    const counted = [...call.instance.limits.refusals].map(([user, { count, last }]) => ({
      user: userJson(call.instance, user),
      rejectCount: count,
      lastRejectTime: last,
    }));
    return ok(pageOf(counted, call.query, call.instance.pageLimit));
  },
};
