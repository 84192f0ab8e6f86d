import { alreadyExists, noSuchEntity } from '../../errors.ts';
import type { Instance } from '../../instance.ts';
import { isRepo } from '../../model.ts';
import { pageOf } from '../../paging.ts';
import { admin, type Level } from '../../permissions.ts';
import { type Answer, type Call, jsonBody, noContent, ok, type Routes } from '../../router.ts';
import { at, bothPlaces, type Fields, kept, type Place, type PlaceKind, requirePlace } from './place.ts';

/** What a thing is made from. */
export interface Making {
  readonly instance: Instance;
  readonly on: Place;
  readonly id: number;
  readonly body: Fields;
  /** What it replaces. */
  readonly before: Fields | undefined;
}

/** A list of things a project or repository is configured with. */
export interface ListKind {
  /** Its name in `settings` of the model. */
  readonly name: string;
  readonly api: string;
  readonly list: string;
  /** Where POST creates, when not at `list`. */
  readonly create?: string;
  readonly item: string;
  /** What can be done with one of them. */
  readonly one: readonly ('GET' | 'PUT' | 'DELETE')[];
  readonly places?: readonly PlaceKind[];
  readonly reads: Level | 'view';
  /** What POST answers, when not 200. */
  readonly created?: number;
  /** A bare list instead of a page. */
  readonly bare?: boolean;
  /** Whether a repository's list has the project's as well. */
  readonly inherited?: boolean;
  readonly idOf?: (value: Fields) => unknown;
  /** Values with one key are the same thing: a second one replaces the first, or is refused. */
  readonly key?: (value: Fields) => string;
  readonly again?: 'replaces' | 'refused';
  /** The whole of it. @throws BitbucketError 400 for a body that will not do. */
  readonly make: (making: Making) => Fields;
  readonly show?: (value: Fields) => Fields;
}

const idOf = (kind: ListKind, value: Fields): string => String((kind.idOf ?? (({ id }) => id))(value));

export function all(kind: ListKind, on: Place): readonly Fields[] {
  const above = kind.inherited === true && isRepo(on) ? kept(on.project, kind.name) : [];
  return [...kept(on, kind.name), ...above];
}

/** Creates one, or replaces the one it is the same as. */
export function add(kind: ListKind, on: Place, instance: Instance, body: Fields): Fields {
  const { name, key, again = 'refused' } = kind;
  const values = kept(on, name);
  const fresh = kind.make({ instance, on, body, before: undefined, id: on.nextId() });
  const same = key === undefined ? undefined : values.find((value) => key(value) === key(fresh));
  if (same === undefined) {
    on.settings.set(name, [...values, fresh]);
    return fresh;
  }
  if (again === 'refused') throw alreadyExists('com.atlassian.bitbucket.DuplicateEntityException', 'There is one with this name already.');
  const value = { ...fresh, id: same['id'] };
  on.settings.set(
    name,
    values.map((old) => (old === same ? value : old)),
  );
  return value;
}

/** The one `call` names among those set at this very place. @throws BitbucketError 404. */
export function named(kind: ListKind, on: Place, { params }: Call): Fields {
  const name = /\{(\w+)\}/.exec(kind.item)?.[1] ?? '';
  const found = kept(on, kind.name).find((value) => idOf(kind, value) === params[name]);
  if (found === undefined) throw noSuchEntity(`There is no ${params[name] ?? ''} here.`);
  return found;
}

export function replace(kind: ListKind, on: Place, old: Fields, value: Fields | undefined): void {
  on.settings.set(
    kind.name,
    kept(on, kind.name).flatMap((one) => (one !== old ? [one] : value === undefined ? [] : [value])),
  );
}

async function change(kind: ListKind, call: Call): Promise<Answer> {
  const on = requirePlace(call, admin);
  const before = named(kind, on, call);
  const value = kind.make({ instance: call.instance, on, body: await jsonBody(call), before, id: Number(idOf(kind, before)) });
  replace(kind, on, before, value);
  return ok(shown(kind, value));
}

const shown = (kind: ListKind, value: Fields): Fields => kind.show?.(value) ?? value;

function listRoutes(kind: ListKind, place: PlaceKind): Routes {
  const path = (rest: string) => at(kind.api, place, rest);
  const one: Routes = {
    [`GET ${path(kind.item)}`]: (call) => ok(shown(kind, named(kind, requirePlace(call, kind.reads), call))),
    [`PUT ${path(kind.item)}`]: (call) => change(kind, call),
    [`DELETE ${path(kind.item)}`]: (call) => {
      const on = requirePlace(call, admin);
      replace(kind, on, named(kind, on, call), undefined);
      return noContent();
    },
  };
  return {
    [`GET ${path(kind.list)}`]: (call) => {
      const values = all(kind, requirePlace(call, kind.reads)).map((value) => shown(kind, value));
      return ok(kind.bare === true ? values : pageOf(values, call.query, call.instance.pageLimit));
    },
    [`POST ${path(kind.create ?? kind.list)}`]: async (call) => {
      const on = requirePlace(call, admin);
      const value = add(kind, on, call.instance, await jsonBody(call));
      return { status: kind.created ?? 200, body: shown(kind, value) };
    },
    ...Object.fromEntries(Object.entries(one).filter(([route]) => kind.one.some((method) => route.startsWith(`${method} `)))),
  };
}

export function routesOf(kind: ListKind): Routes {
  return Object.assign({}, ...(kind.places ?? bothPlaces).map((place) => listRoutes(kind, place))) as Routes;
}
