import { scoped } from '../../endpoint.ts';
import { at, textAt } from '../fields.ts';
import { incomplete, itemsOfList } from '../item.ts';
import { anyBranch, matcherOf, type Matcher } from '../matcher.ts';
import { everyEntry, operationsOf, submit } from '../submit.ts';
import { listWriter } from '../write-items.ts';

const tasksAt = scoped('/default-tasks/latest', '/tasks');

interface DefaultTask {
  readonly description: string;
  readonly sourceMatcher?: Matcher;
  readonly targetMatcher?: Matcher;
}

const endAt = (entry: unknown, end: 'source' | 'target'): unknown => at(entry, `${end}Matcher`) ?? at(entry, `${end}RefMatcher`);

export const defaultTasks = listWriter<DefaultTask>({
  kind: 'default-tasks',
  operations: operationsOf(['GET', tasksAt], ['POST', tasksAt]),
  items: (value, level) =>
    itemsOfList<DefaultTask>(value, level, 'default tasks', (entry) => {
      const description = textAt(entry, 'description');
      const ends = { source: endAt(entry, 'source'), target: endAt(entry, 'target') };
      const sourceMatcher = matcherOf(ends.source);
      const targetMatcher = matcherOf(ends.target);
      // The published answer does not say for which branches a task is.
      const hidden = ends.source === undefined && ends.target === undefined;
      if (description === undefined || (!hidden && (sourceMatcher === null || targetMatcher === null)))
        return incomplete('default task', entry);
      const matchers = sourceMatcher === null || targetMatcher === null ? {} : { sourceMatcher, targetMatcher };
      return { key: description, what: `default task “${description}”`, content: { description, ...matchers }, hidden };
    }),
  read: (context) => everyEntry(context, tasksAt.at(context.scope)),
  fit: async ({ what, hidden }, content) => ({
    content,
    notes:
      hidden === true ? [{ state: 'to-do', what, why: 'check which branches it is for: Bitbucket did not say when it was backed up' }] : [],
  }),
  leave: (wanted, present) =>
    wanted.hidden === present.hidden
      ? null
      : { state: 'kept', why: 'the server has one of these words, and does not say for which branches' },
  // Creating one takes both matchers.
  create: (content, context) =>
    submit(context, 'POST', tasksAt.at(context.scope), { json: { sourceMatcher: anyBranch, targetMatcher: anyBranch, ...content } }),
});
