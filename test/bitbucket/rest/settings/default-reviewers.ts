import { invalid } from '../../errors.ts';
import { read } from '../../permissions.ts';
import { word } from '../word.ts';
import { all, type ListKind, type Making } from './list-kind.ts';
import { matcherOf } from './matcher.ts';
import { numberedUsers } from './people.ts';
import { countOf, type Fields, isFields, listOf, scopeOf } from './place.ts';
import { reviewerGroups } from './reviewer-groups.ts';

function groupsOf({ on, body }: Making): Fields[] {
  return listOf(body, 'reviewerGroups').map((entry) => {
    const id = isFields(entry) ? entry['id'] : undefined;
    const group = all(reviewerGroups, on).find((candidate) => candidate['id'] === id);
    if (group === undefined) throw invalid('reviewerGroups', `There is no reviewer group with the id ${word(id)}.`);
    return group;
  });
}

function make(making: Making): Fields {
  const { instance, on, id, body } = making;
  const reviewers = numberedUsers(instance, body, 'reviewers');
  const groups = groupsOf(making);
  if (reviewers.length + groups.length === 0) throw invalid('reviewers', 'At least one reviewer must be given.');
  return {
    id,
    scope: scopeOf(on),
    sourceRefMatcher: matcherOf(body, 'sourceMatcher'),
    targetRefMatcher: matcherOf(body, 'targetMatcher'),
    reviewers,
    reviewerGroups: groups,
    requiredApprovals: countOf(body, 'requiredApprovals', 0),
  };
}

export const defaultReviewers: ListKind = {
  name: 'default-reviewers',
  api: '/default-reviewers/latest',
  list: '/conditions',
  create: '/condition',
  item: '/condition/{id}',
  one: ['PUT', 'DELETE'],
  reads: read,
  bare: true,
  inherited: true,
  make,
};
