import { textAt } from './fields.ts';

/** Which branches something is for, as the server takes it. */
export interface Matcher {
  readonly id: string;
  readonly displayId: string;
  readonly type: { readonly id: string; readonly name: string };
}

const typeNames: Readonly<Record<string, string>> = {
  ANY_REF: 'Any branch',
  BRANCH: 'Branch',
  PATTERN: 'Pattern',
  MODEL_CATEGORY: 'Branching model category',
  MODEL_BRANCH: 'Branching model branch',
};

export const anyBranch: Matcher = {
  id: 'ANY_REF_MATCHER_ID',
  displayId: 'ANY_REF_MATCHER_ID',
  type: { id: 'ANY_REF', name: 'Any branch' },
};

/** A matcher of a record; `null` when it does not say which branches it means. Words that a server derives are derived here. */
export function matcherOf(value: unknown): Matcher | null {
  const type = textAt(value, 'type', 'id');
  // Servers name it differently, and there is but one.
  if (type === 'ANY_REF') return anyBranch;
  const id = textAt(value, 'id');
  if (id === undefined || type === undefined) return null;
  return { id, displayId: id.replace(/^refs\/heads\//, ''), type: { id: type, name: typeNames[type] ?? type } };
}

/** As a key: equal for the same branches. */
export const keyOfMatcher = ({ id, type }: Matcher): string => `${type.id} ${id}`;

export const wordsOfMatcher = ({ displayId, type }: Matcher): string => (type.id === 'ANY_REF' ? 'any branch' : `“${displayId}”`);
