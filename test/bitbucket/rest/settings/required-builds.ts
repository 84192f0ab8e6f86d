import { invalid } from '../../errors.ts';
import { read } from '../../permissions.ts';
import type { ListKind } from './list-kind.ts';
import { matcherIn, matcherOf } from './matcher.ts';
import { flagOf, listOf } from './place.ts';

export const requiredBuilds: ListKind = {
  name: 'required-builds',
  api: '/required-builds/latest',
  list: '/conditions',
  create: '/condition',
  item: '/condition/{id}',
  one: ['PUT', 'DELETE'],
  places: ['repo'],
  reads: read,
  make: ({ id, body }) => {
    const buildParentKeys = listOf(body, 'buildParentKeys');
    const texts = buildParentKeys.every((key) => typeof key === 'string' && key !== '');
    if (buildParentKeys.length === 0 || !texts) throw invalid('buildParentKeys', 'At least one build key must be given.');
    const exempt = matcherIn(body, 'exemptRefMatcher');
    return {
      id,
      buildParentKeys,
      refMatcher: matcherOf(body, 'refMatcher'),
      ...(exempt === undefined ? {} : { exemptRefMatcher: exempt }),
      requiredForPullRequest: flagOf(body, 'requiredForPullRequest', true),
      requiredForMergeQueue: flagOf(body, 'requiredForMergeQueue', false),
    };
  },
};
