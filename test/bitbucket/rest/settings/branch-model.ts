import { invalid, noSuchEntity } from '../../errors.ts';
import { isRepo } from '../../model.ts';
import { admin, read } from '../../permissions.ts';
import { type Answer, type Call, jsonBody, noContent, ok, type Routes } from '../../router.ts';
import { word } from '../word.ts';
import { at, bothPlaces, type Fields, flagOf, isFields, listOf, nearest, type Place, requirePlace, scopeOf } from './place.ts';

const name = 'branch-model';
const types = { BUGFIX: 'Bugfix', FEATURE: 'Feature', HOTFIX: 'Hotfix', RELEASE: 'Release' };

function branchOf(body: Fields, field: string): Fields | undefined {
  const value = body[field];
  if (value === undefined || value === null) return undefined;
  if (!isFields(value)) throw invalid(field, `The ${field} branch must be an object.`);
  const useDefault = flagOf(value, 'useDefault', false);
  const refId = value['refId'] ?? null;
  if (useDefault) return { refId: null, useDefault };
  if (typeof refId !== 'string') throw invalid(field, `The ${field} branch must be given.`);
  return { refId: refId.startsWith('refs/') ? refId : `refs/heads/${refId}`, useDefault };
}

function typesOf(body: Fields): Fields[] {
  const given = listOf(body, 'types').map((type) => {
    const found = Object.entries(types).find(([id]) => isFields(type) && type['id'] === id);
    if (!isFields(type) || found === undefined)
      throw invalid('types', `Unknown type of branch: ${word(isFields(type) ? type['id'] : type)}`);
    const prefix = type['prefix'];
    const enabled = flagOf(type, 'enabled', true);
    if (enabled && (typeof prefix !== 'string' || prefix === '')) throw invalid('types', `The prefix of ${found[0]} must not be empty.`);
    return { id: found[0], displayName: found[1], enabled, prefix: typeof prefix === 'string' ? prefix : '' };
  });
  const prefixes = given.filter(({ enabled }) => enabled).map(({ prefix }) => prefix);
  if (new Set(prefixes).size < prefixes.length) throw invalid('types', 'Two types of branches have the same prefix.');
  return given;
}

/** What holds where nobody set it. */
const initially: Fields = {
  development: { refId: null, useDefault: true },
  types: Object.entries(types).map(([id, displayName]) => ({ id, displayName, enabled: true, prefix: `${id.toLowerCase()}/` })),
};

/** The configuration in force. @throws BitbucketError 404 where somebody switched the model off. */
function configuration(on: Place): Fields {
  const value = nearest(on, name) ?? initially;
  if (value['development'] !== undefined) return value;
  const where = isRepo(on) ? `repository ${on.project.key}/${on.slug}[${on.id}]` : `project ${on.key}`;
  throw noSuchEntity(`There is no branch model configuration defined for ${where}. You must enable the branch model first`);
}

async function set(call: Call): Promise<Answer> {
  const on = requirePlace(call, admin);
  const body = await jsonBody(call);
  const development = branchOf(body, 'development');
  if (development === undefined) throw invalid('development', 'The development branch must be given.');
  const production = branchOf(body, 'production');
  const value = { development, ...(production === undefined ? {} : { production }), types: typesOf(body), scope: scopeOf(on) };
  on.settings.set(name, [value]);
  return ok(value);
}

/** The patterns of the branches that a part of the model stands for. */
export function branchesOf(on: Place, kind: 'MODEL_BRANCH' | 'MODEL_CATEGORY', id: string): string[] {
  const model = nearest(on, name) ?? initially;
  const branch = model[id];
  if (kind === 'MODEL_BRANCH') return isFields(branch) && typeof branch['refId'] === 'string' ? [branch['refId']] : [];
  const all = Array.isArray(model['types']) ? (model['types'] as Fields[]) : [];
  return all.filter((type) => type['id'] === id && type['enabled'] === true).map(({ prefix }) => `refs/heads/${String(prefix)}*`);
}

/** Not in the published document, and there since 2.8. */
export const branchModelRoutes: Routes = Object.assign(
  {},
  ...bothPlaces.map((place): Routes => {
    const path = at('/branch-utils/latest', place, '/branchmodel/configuration');
    return {
      [`GET ${path}`]: (call) => ok(configuration(requirePlace(call, read))),
      [`PUT ${path}`]: set,
      [`DELETE ${path}`]: (call) => {
        requirePlace(call, admin).settings.set(name, [{}]);
        return noContent();
      },
    };
  }),
) as Routes;
