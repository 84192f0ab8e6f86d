import { invalid } from '../../errors.ts';
import { isRepo, type Project, type Repo } from '../../model.ts';
import { type Level, read } from '../../permissions.ts';
import { type Call, textBody } from '../../router.ts';
import { requireProject, requireRepo, requireUser } from '../access.ts';

export type Fields = Readonly<Record<string, unknown>>;

/** Where something is set. */
export type Place = Project | Repo;
export type PlaceKind = 'project' | 'repo';
export const bothPlaces: readonly PlaceKind[] = ['project', 'repo'];

/** A route below each kind of place: `at('/api/latest', 'repo', '/webhooks')`. */
export const at = (api: string, kind: PlaceKind, rest: string): string =>
  `/rest${api}/projects/{projectKey}${kind === 'repo' ? '/repos/{repositorySlug}' : ''}${rest}`;

/** The repository or project a request names. @throws BitbucketError 404, and 401 when the right is too small. */
export function requirePlace(call: Call, needed: Level | 'view'): Place {
  requireUser(call);
  if (call.params['repositorySlug'] === undefined) return requireProject(call, needed);
  return requireRepo(call, needed === 'view' ? read : needed);
}

/** As things say where they are from; what a repository has from its project keeps the project's. */
export const scopeOf = (on: Place) => ({ type: isRepo(on) ? 'REPOSITORY' : 'PROJECT', resourceId: on.id });

export const kept = (on: Place, name: string): readonly Fields[] => on.settings.get(name) ?? [];

/** The one object kept under a name: the repository's own, or the project's. */
export function nearest(on: Place, name: string): Fields | undefined {
  return kept(on, name)[0] ?? (isRepo(on) ? kept(on.project, name)[0] : undefined);
}

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The request's JSON, whatever it is. */
export async function anyJson({ request }: Call): Promise<unknown> {
  const text = await textBody(request);
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw invalid(null, 'The request body is not JSON.');
  }
}

/** A text that has to be there. */
export function textOf(body: Fields, field: string): string {
  const value = body[field];
  if (typeof value !== 'string' || value.trim() === '') throw invalid(field, `The ${field} must not be empty.`);
  return value;
}

/** A switch that has to be there, unless it has a default. */
export function flagOf(body: Fields, field: string, otherwise?: boolean): boolean {
  const value = body[field] ?? otherwise;
  if (typeof value !== 'boolean') throw invalid(field, `The field ${field} must be true or false.`);
  return value;
}

/** A whole number of at least `least`. */
export function countOf(body: Fields, field: string, least: number): number {
  const value = body[field];
  if (typeof value !== 'number' || !Number.isInteger(value) || value < least) {
    throw invalid(field, `The field ${field} must be a whole number of at least ${least}.`);
  }
  return value;
}

/** A list, empty when there is none. */
export function listOf(body: Fields, field: string): readonly unknown[] {
  const value = body[field] ?? [];
  if (!Array.isArray(value)) throw invalid(field, `The field ${field} must be a list.`);
  return value as unknown[];
}
