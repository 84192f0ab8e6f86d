import type { Endpoint, Names, Scope } from '../endpoint.ts';
import type { KindReader } from './kind-reader.ts';

/** Where a thing is asked for, at the levels that have it. */
export interface Places {
  readonly repo?: Endpoint;
  readonly project?: Endpoint;
}

/**
 * The path to ask for.
 * @throws TypeError at a level that has no such thing
 */
export function locate(places: Places, { projectKey, slug }: Scope, more: Names = {}): string {
  const place = slug === null ? places.project : places.repo;
  if (place === undefined) throw new TypeError(`nothing to ask for at the level of a ${slug === null ? 'project' : 'repo'}`);
  return place.at(slug === null ? { ...more, projectKey } : { ...more, projectKey, repositorySlug: slug });
}

/** What asking at all of these places uses of the API. */
export function operationsOf(...places: readonly Places[]): KindReader['operations'] {
  const at = (level: keyof Places) => places.flatMap(({ [level]: place }) => (place === undefined ? [] : [`GET ${place.template}`]));
  const [repo, project] = [at('repo'), at('project')];
  return { ...(repo.length > 0 ? { repo } : {}), ...(project.length > 0 ? { project } : {}) };
}
