import { invalid, noSuchEntity } from '../../errors.ts';
import { isRepo } from '../../model.ts';
import { pageOf } from '../../paging.ts';
import { admin, read } from '../../permissions.ts';
import { type Answer, type Call, jsonBody, noContent, ok, type Routes } from '../../router.ts';
import { type InstalledHook, installedHooks } from './hook-catalogue.ts';
import { at, bothPlaces, type Fields, kept, type Place, type PlaceKind, requirePlace, scopeOf } from './place.ts';

const name = 'hooks';

/** What was set at this place for one hook. */
const own = (on: Place, hook: InstalledHook): Fields | undefined => kept(on, name).find(({ key }) => key === hook.key);

/** A repository goes by its project until it has a word of its own. */
function effective(on: Place, hook: InstalledHook): { value: Fields; from: Place } | undefined {
  const value = own(on, hook);
  if (value !== undefined) return { value, from: on };
  return isRepo(on) ? effective(on.project, hook) : undefined;
}

function show(on: Place, hook: InstalledHook): object {
  const { configurable, ...details } = hook;
  const found = effective(on, hook);
  return {
    details: {
      ...details,
      version: '10.4.3',
      configFormKey: configurable ? `${hook.key}-config-form` : null,
      supportedScopes: ['PROJECT', 'REPOSITORY'],
    },
    enabled: found?.value['enabled'] === true,
    configured: found?.value['settings'] !== undefined,
    ...(found === undefined ? {} : { scope: scopeOf(found.from) }),
  };
}

function namedHook({ params }: Call): InstalledHook {
  const key = params['hookKey'] ?? '';
  const hook = installedHooks.find((candidate) => candidate.key === key);
  if (hook === undefined) throw noSuchEntity(`The hook '${key}' does not exist.`);
  return hook;
}

function set(on: Place, hook: InstalledHook, value: Fields): void {
  const others = kept(on, name).filter(({ key }) => key !== hook.key);
  on.settings.set(name, [...others, { ...effective(on, hook)?.value, key: hook.key, ...value }]);
}

function enable(call: Call, enabled: boolean): Answer {
  const on = requirePlace(call, admin);
  const hook = namedHook(call);
  if (enabled && hook.configurable && effective(on, hook)?.value['settings'] === undefined) {
    throw invalid(null, `The hook '${hook.name}' has to be configured before it can be enabled.`);
  }
  set(on, hook, { enabled });
  return ok(show(on, hook));
}

function settingsOf(call: Call, place: PlaceKind): Answer {
  const on = requirePlace(call, place === 'repo' ? admin : read);
  const settings = effective(on, namedHook(call))?.value['settings'];
  return settings === undefined ? noContent() : ok(settings);
}

async function configure(call: Call): Promise<Answer> {
  const on = requirePlace(call, admin);
  const hook = namedHook(call);
  const settings = await jsonBody(call);
  if (!hook.configurable) throw invalid(null, `The hook '${hook.name}' cannot be configured.`);
  const counts = hook.type === 'PRE_PULL_REQUEST_MERGE' && !/^[1-9]\d?$/.test(String(settings['requiredCount']));
  if (counts) throw invalid('requiredCount', 'The required count must be a number between 1 and 99.');
  set(on, hook, { settings });
  return ok(settings);
}

function list(call: Call, place: PlaceKind): Answer {
  const on = requirePlace(call, place === 'repo' ? admin : read);
  const type = call.query.get('type');
  const shown = installedHooks.filter((hook) => type === null || hook.type === type).map((hook) => show(on, hook));
  return ok(pageOf(shown, call.query, call.instance.pageLimit));
}

/** Back to what the project says. */
function forget(call: Call): Answer {
  const on = requirePlace(call, admin);
  const hook = namedHook(call);
  on.settings.set(
    name,
    kept(on, name).filter(({ key }) => key !== hook.key),
  );
  return noContent();
}

export const hookRoutes: Routes = {
  ...(Object.assign(
    {},
    ...bothPlaces.map((place): Routes => {
      const hooks = at('/api/latest', place, '/settings/hooks');
      return {
        [`GET ${hooks}`]: (call) => list(call, place),
        [`GET ${hooks}/{hookKey}`]: (call) => ok(show(requirePlace(call, place === 'repo' ? admin : read), namedHook(call))),
        [`PUT ${hooks}/{hookKey}/enabled`]: (call) => enable(call, true),
        [`DELETE ${hooks}/{hookKey}/enabled`]: (call) => enable(call, false),
        [`GET ${hooks}/{hookKey}/settings`]: (call) => settingsOf(call, place),
        [`PUT ${hooks}/{hookKey}/settings`]: configure,
      };
    }),
  ) as Routes),
  [`DELETE ${at('/api/latest', 'repo', '/settings/hooks')}/{hookKey}`]: forget,
};
