import type { Names } from '../endpoint.ts';
import { JsonObject } from './json-object.ts';
import type { KindReader } from './kind-reader.ts';
import { locate, operationsOf, type Places } from './places.ts';

export interface ObjectKind extends Pick<KindReader, 'kind' | 'needs'> {
  readonly at: Places;
  readonly names?: Names;
}

/** A kind that is one object: its record is that. */
export function objectKind({ kind, needs, at, names = {} }: ObjectKind): KindReader {
  return {
    kind,
    needs,
    operations: operationsOf(at),
    async *read(from, scope, { signal }) {
      yield { key: '-', value: await from.get(locate(at, scope, names), { schema: JsonObject, signal }) };
    },
  };
}
