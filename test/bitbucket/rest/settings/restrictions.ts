import { invalid } from '../../errors.ts';
import { isRepo } from '../../model.ts';
import { admin } from '../../permissions.ts';
import { type Answer, type Call, ok, type Routes } from '../../router.ts';
import { word } from '../word.ts';
import { accessKeys } from './access-keys.ts';
import { add, all, type ListKind, type Making, routesOf } from './list-kind.ts';
import { matcherOf } from './matcher.ts';
import { namedGroups, namedUsers } from './people.ts';
import { anyJson, at, bothPlaces, type Fields, isFields, listOf, requirePlace, scopeOf } from './place.ts';

const types = ['read-only', 'no-deletes', 'fast-forward-only', 'pull-request-only', 'no-creates'];

function keysOf({ on, body }: Making): Fields[] {
  const known = [...all(accessKeys, on), ...(isRepo(on) ? all(accessKeys, on.project) : [])];
  return listOf(body, 'accessKeys').map((id) => {
    const found = known.find(({ key }) => isFields(key) && key['id'] === id);
    if (found === undefined) throw invalid('accessKeys', `There is no access key with the id ${word(id)}.`);
    return found;
  });
}

function make(making: Making): Fields {
  const { instance, on, id, body } = making;
  const type = types.find((candidate) => candidate === body['type']);
  if (type === undefined) throw invalid('type', `Unknown type of restriction: ${word(body['type'])}`);
  return {
    id,
    scope: scopeOf(on),
    type,
    matcher: matcherOf(body, 'matcher'),
    users: namedUsers(instance, body, 'users'),
    groups: namedGroups(instance, body, 'groups'),
    accessKeys: keysOf(making),
  };
}

/** The same type on the same branches replaces what is there, and keeps its id. */
const keyOf = ({ type, matcher }: Fields): string => {
  const { id, type: kind } = isFields(matcher) ? matcher : {};
  return JSON.stringify([type, id, isFields(kind) ? kind['id'] : null]);
};

export const restrictions: ListKind = {
  name: 'restrictions',
  api: '/branch-permissions/latest',
  list: '/restrictions',
  item: '/restrictions/{id}',
  one: ['GET', 'DELETE'],
  reads: admin,
  inherited: true,
  key: keyOf,
  again: 'replaces',
  make,
};

const bulk = 'application/vnd.atl.bitbucket.bulk+json';

/** One as JSON, or several under the media type for that. */
async function create(call: Call): Promise<Answer> {
  const on = requirePlace(call, admin);
  const body = await anyJson(call);
  const several = call.request.headers['content-type']?.startsWith(bulk) === true;
  if (several !== Array.isArray(body))
    throw invalid(null, several ? 'The request body is not a list.' : 'The request body is not a JSON object.');
  const wanted = (several ? body : [body]) as unknown[];
  // All or none: nothing is kept before each has been understood.
  const objects = wanted.map((one) => {
    if (!isFields(one)) throw invalid(null, 'Each restriction must be an object.');
    make({ instance: call.instance, on, body: one, before: undefined, id: 0 });
    return one;
  });
  const made = objects.map((one) => add(restrictions, on, call.instance, one));
  return ok(several ? made : made[0]);
}

export const restrictionRoutes: Routes = {
  ...routesOf(restrictions),
  ...Object.fromEntries(bothPlaces.map((place) => [`POST ${at(restrictions.api, place, restrictions.list)}`, create])),
};
