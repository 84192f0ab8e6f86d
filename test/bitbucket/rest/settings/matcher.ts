import { invalid } from '../../errors.ts';
import { type Fields, isFields } from './place.ts';

const typeNames: Readonly<Record<string, string>> = {
  ANY_REF: 'Any branch',
  BRANCH: 'Branch',
  PATTERN: 'Pattern',
  MODEL_CATEGORY: 'Branching model category',
  MODEL_BRANCH: 'Branching model branch',
};
const anyRef = 'ANY_REF_MATCHER_ID';

export interface Matcher {
  readonly id: string;
  readonly displayId: string;
  readonly type: { readonly id: string; readonly name: string };
  readonly active: true;
}

/** Which branches something is for. @throws BitbucketError 400 where the body does not say. */
export function matcherOf(body: Fields, field: string): Matcher {
  const value = body[field];
  const type = isFields(value) && isFields(value['type']) ? value['type']['id'] : undefined;
  if (!isFields(value) || typeof type !== 'string') throw invalid(field, `The ${field} with its type must be given.`);
  const typeName = typeNames[type];
  if (typeName === undefined) throw invalid(field, `Unknown type of matcher: ${type}`);
  const id = type === 'ANY_REF' ? anyRef : value['id'];
  if (typeof id !== 'string' || id === '') throw invalid(field, `The ${field} must have an id.`);
  const full = type === 'BRANCH' && !id.startsWith('refs/') ? `refs/heads/${id}` : id;
  return { id: full, displayId: full.replace(/^refs\/heads\//, ''), type: { id: type, name: typeName }, active: true };
}

/** One that may be left out. */
export const matcherIn = (body: Fields, field: string): Matcher | undefined =>
  body[field] === undefined || body[field] === null ? undefined : matcherOf(body, field);
