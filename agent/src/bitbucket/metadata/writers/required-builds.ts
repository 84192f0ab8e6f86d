import { endpoint } from '../../endpoint.ts';
import type { Scope } from '../../endpoint.ts';
import { at, flagAt, numberAt, textsAt } from '../fields.ts';
import { incomplete, itemsOfList } from '../item.ts';
import { keyOfMatcher, matcherOf, wordsOfMatcher, type Matcher } from '../matcher.ts';
import { everyEntry, submit } from '../submit.ts';
import { listWriter } from '../write-items.ts';

const repo = '/required-builds/latest/projects/{projectKey}/repos/{repositorySlug}';
const conditionsAt = endpoint(`${repo}/conditions`);
const conditionAt = endpoint(`${repo}/condition`);
const oneAt = endpoint(`${repo}/condition/{id}`);

const names = ({ projectKey, slug }: Scope) => ({ projectKey, repositorySlug: slug ?? '' });

interface RequiredBuilds {
  readonly buildParentKeys: readonly string[];
  readonly refMatcher: Matcher;
  readonly exemptRefMatcher?: Matcher;
  /** Since 10.2; before, there was no merge queue, and all builds were for pull requests. */
  readonly requiredForPullRequest: boolean;
  readonly requiredForMergeQueue: boolean;
}

export const requiredBuilds = listWriter<RequiredBuilds>({
  kind: 'required-builds',
  operations: { repo: [`GET ${conditionsAt.template}`, `POST ${conditionAt.template}`, `PUT ${oneAt.template}`] },
  items: (value, level) =>
    itemsOfList<RequiredBuilds>(value, level, 'required builds', (entry) => {
      const buildParentKeys = textsAt(entry, 'buildParentKeys');
      const refMatcher = matcherOf(at(entry, 'refMatcher'));
      const exempt = matcherOf(at(entry, 'exemptRefMatcher'));
      if (buildParentKeys.length === 0 || refMatcher === null) return incomplete('required builds', entry);
      return {
        key: [keyOfMatcher(refMatcher), exempt === null ? '' : keyOfMatcher(exempt), ...buildParentKeys].join('\n'),
        what: `required builds ${buildParentKeys.map((key) => `“${key}”`).join(', ')} for ${wordsOfMatcher(refMatcher)}`,
        content: {
          buildParentKeys,
          refMatcher,
          ...(exempt === null ? {} : { exemptRefMatcher: exempt }),
          requiredForPullRequest: flagAt(entry, 'requiredForPullRequest') ?? true,
          requiredForMergeQueue: flagAt(entry, 'requiredForMergeQueue') ?? false,
        },
        id: numberAt(entry, 'id'),
      };
    }),
  read: (context) => everyEntry(context, conditionsAt.at(names(context.scope))),
  create: (content, context) => submit(context, 'POST', conditionAt.at(names(context.scope)), { json: content }),
  change: (content, id, context) => submit(context, 'PUT', oneAt.at({ ...names(context.scope), id }), { json: content }),
});
