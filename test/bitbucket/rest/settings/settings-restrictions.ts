import { alreadyExists, invalid, noSuchEntity } from '../../errors.ts';
import { pageOf } from '../../paging.ts';
import { admin } from '../../permissions.ts';
import { type Answer, type Call, jsonBody, noContent, ok, type Routes } from '../../router.ts';
import { requireProject, requireUser } from '../access.ts';
import { projectJson } from '../json.ts';
import { at, type Fields, kept, textOf } from './place.ts';

const name = 'settings-restrictions';

/** The feature a query names: its namespace and key must be said. */
function feature({ query }: Call): Fields {
  const value = (field: string): string => {
    const text = query.get(field);
    if (text === null || text === '') throw invalid(field, `The query parameter ${field} is required.`);
    return text;
  };
  return { namespace: value('namespace'), featureKey: value('featureKey') };
}

const isOf = (wanted: Fields) => (one: Fields) => one['namespace'] === wanted['namespace'] && one['featureKey'] === wanted['featureKey'];

function exactly(call: Call) {
  const component = call.query.get('componentKey') ?? undefined;
  const ofFeature = isOf(feature(call));
  return (one: Fields): boolean => ofFeature(one) && one['componentKey'] === component;
}

async function create(call: Call): Promise<Answer> {
  requireUser(call);
  const project = requireProject(call, admin);
  const body = await jsonBody(call);
  const componentKey = body['componentKey'] === undefined ? {} : { componentKey: textOf(body, 'componentKey') };
  const wanted: Fields = { namespace: textOf(body, 'namespace'), featureKey: textOf(body, 'featureKey'), ...componentKey };
  const values = kept(project, name);
  if (values.some((one) => isOf(wanted)(one) && one['componentKey'] === wanted['componentKey'])) {
    throw alreadyExists(
      'com.atlassian.bitbucket.project.DuplicateProjectSettingsRestrictionException',
      'This setting is restricted already.',
    );
  }
  const value = { ...wanted, processedState: 'PROCESSED', project: projectJson(call.instance, project) };
  project.settings.set(name, [...values, value]);
  return ok(value);
}

const one = at('/api/latest', 'project', '/settings-restriction');

export const settingsRestrictionRoutes: Routes = {
  [`GET ${one}/all`]: (call) => {
    requireUser(call);
    const project = requireProject(call, 'view');
    return ok(pageOf(kept(project, name).filter(isOf(feature(call))), call.query, call.instance.pageLimit));
  },
  [`GET ${one}`]: (call) => {
    requireUser(call);
    const found = kept(requireProject(call, 'view'), name).find(exactly(call));
    if (found === undefined) throw noSuchEntity('This setting is not restricted.');
    return ok(found);
  },
  [`POST ${one}`]: create,
  [`DELETE ${one}`]: (call) => {
    requireUser(call);
    const project = requireProject(call, admin);
    const isIt = exactly(call);
    project.settings.set(
      name,
      kept(project, name).filter((value) => !isIt(value)),
    );
    return noContent();
  },
};
