import { BitbucketError } from '../../errors.ts';
import { isRepo } from '../../model.ts';
import { admin } from '../../permissions.ts';
import { type Answer, type Call, jsonBody, noContent, ok, type Routes } from '../../router.ts';
import { at, bothPlaces, countOf, type Fields, flagOf, kept, nearest, type Place, requirePlace, scopeOf } from './place.ts';

interface Switch {
  readonly name: string;
  /** What holds where nobody set it. */
  readonly initially: Fields;
  readonly read: (body: Fields) => Fields;
  /** Whether a project may decide it for all its repositories. */
  readonly restrictable: boolean;
}

const enabled = (body: Fields): Fields => ({ enabled: flagOf(body, 'enabled') });

const switches: readonly Switch[] = [
  { name: 'auto-merge', initially: { enabled: false }, read: enabled, restrictable: true },
  { name: 'change-author', initially: { enabled: false }, read: enabled, restrictable: true },
  {
    name: 'auto-decline',
    initially: { enabled: true, inactivityWeeks: 4 },
    // The server takes both or neither.
    read: (body) => ({ ...enabled(body), inactivityWeeks: countOf(body, 'inactivityWeeks', 1) }),
    restrictable: false,
  },
];

const isRestricted = (on: Place, { name }: Switch): boolean => kept(isRepo(on) ? on.project : on, name)[0]?.['restricted'] === true;

function show(on: Place, setting: Switch): Fields {
  const { restricted: _, ...value } = (isRepo(on) && isRestricted(on, setting)
    ? kept(on.project, setting.name)[0]
    : nearest(on, setting.name)) ?? {
    ...setting.initially,
    scope: { type: 'GLOBAL', resourceId: -1 },
  };
  if (!setting.restrictable) return value;
  const state = !isRestricted(on, setting) ? 'NONE' : isRepo(on) ? 'RESTRICTED_UNMODIFIABLE' : 'RESTRICTED_MODIFIABLE';
  return { ...value, restrictionState: state };
}

function requireChangeable(call: Call, setting: Switch): Place {
  const on = requirePlace(call, admin);
  if (!isRepo(on) || !isRestricted(on, setting)) return on;
  const message = `The project ${on.project.key} decides this for all of its repositories.`;
  throw new BitbucketError(403, [{ context: null, message, exceptionName: 'com.atlassian.bitbucket.setting.RestrictedSettingException' }]);
}

async function set(call: Call, setting: Switch): Promise<Answer> {
  const on = requireChangeable(call, setting);
  const body = await jsonBody(call);
  const { restrictionAction } = body;
  const restricted = restrictionAction === 'CREATE' || (restrictionAction !== 'DELETE' && isRestricted(on, setting));
  on.settings.set(setting.name, [{ ...setting.read(body), scope: scopeOf(on), ...(isRepo(on) ? {} : { restricted }) }]);
  return ok(show(on, setting));
}

export const switchRoutes: Routes = Object.fromEntries(
  switches.flatMap((setting) =>
    bothPlaces.flatMap((place): [string, Routes[string]][] => {
      const path = at('/api/latest', place, `/settings/${setting.name}`);
      return [
        [`GET ${path}`, (call) => ok(show(requirePlace(call, 'view'), setting))],
        [`PUT ${path}`, (call) => set(call, setting)],
        [
          `DELETE ${path}`,
          (call) => {
            requireChangeable(call, setting).settings.delete(setting.name);
            return noContent();
          },
        ],
      ];
    }),
  ),
);
