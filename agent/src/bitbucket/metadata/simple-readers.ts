import type { MetadataKind } from '@gitprotect/shared/metadata';
import * as v from 'valibot';
import type { Endpoint, ScopedEndpoint } from '../endpoint.ts';
import type { KindReader } from './kind-reader.ts';
import { readList } from './read-list.ts';

/** Where a kind is read: at both levels, or at one of them. */
export type At = ScopedEndpoint | { readonly repo: Endpoint } | { readonly project: Endpoint };

interface Declared {
  readonly kind: MetadataKind;
  readonly needs: KindReader['needs'];
  readonly at: At;
}

/** The only record of its kind. */
export const only = '-';

/** A kind that is one list. */
export function listReader({ kind, needs, at }: Declared): KindReader {
  return {
    kind,
    needs,
    operations: operationsOf([at]),
    async *read(from, scope, { signal }) {
      yield { key: only, value: await readList(from, pathOf(at, scope), { signal }) };
    },
  };
}

/** A kind that is one object. */
export function objectReader({ kind, needs, at }: Declared): KindReader {
  return {
    kind,
    needs,
    operations: operationsOf([at]),
    async *read(from, scope, { signal }) {
      yield { key: only, value: await from.get(pathOf(at, scope), { schema: v.looseObject({}), signal }) };
    },
  };
}

/** What is asked at each level, as published. */
export function operationsOf(places: readonly At[]): KindReader['operations'] {
  const repo = places.flatMap((at) => ('repo' in at ? [`GET ${at.repo.template}`] : []));
  const project = places.flatMap((at) => ('project' in at ? [`GET ${at.project.template}`] : []));
  return { ...(repo.length > 0 && { repo }), ...(project.length > 0 && { project }) };
}

/** The path at a scope's level. @throws TypeError where the level has nothing of the kind */
export function pathOf(at: At, { projectKey, slug }: { readonly projectKey: string; readonly slug: string | null }): string {
  const place = slug === null ? ('project' in at ? at.project : undefined) : 'repo' in at ? at.repo : undefined;
  if (place === undefined) throw new TypeError('nothing of this kind at this level');
  return place.at({ projectKey, ...(slug !== null && { repositorySlug: slug }) });
}
