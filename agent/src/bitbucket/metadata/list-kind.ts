import * as v from 'valibot';
import { anyList } from './any-list.ts';
import { collect } from './collect.ts';
import type { KindReader } from './kind-reader.ts';
import { locate, operationsOf, type Places } from './places.ts';

export interface ListKind extends Pick<KindReader, 'kind' | 'needs'> {
  readonly at: Places;
  /** Published without paging: what servers send differs. */
  readonly unpaged?: boolean;
}

/** A kind that is one list: its record is the array of items. */
export function listKind({ kind, needs, at, unpaged = false }: ListKind): KindReader {
  return {
    kind,
    needs,
    operations: operationsOf(at),
    async *read(from, scope, { signal }) {
      const path = locate(at, scope);
      const items = unpaged ? anyList(from, path, signal) : from.pages(path, { schema: v.unknown(), signal });
      yield { key: '-', value: await collect(items) };
    },
  };
}
