import { scoped } from '../../endpoint.ts';
import { at, textAt } from '../fields.ts';
import { incomplete, itemsOfList } from '../item.ts';
import { anyBranch, keyOfMatcher, matcherOf, type Matcher } from '../matcher.ts';
import { everyEntry, operationsOf, submit } from '../submit.ts';
import { listWriter } from '../write-items.ts';

const tasksAt = scoped('/default-tasks/latest', '/tasks');

interface DefaultTask {
  readonly description: string;
  readonly sourceMatcher: Matcher;
  readonly targetMatcher: Matcher;
}

const endAt = (entry: unknown, end: 'source' | 'target'): unknown => at(entry, `${end}Matcher`) ?? at(entry, `${end}RefMatcher`);
/** The published answer lists no branches, and creating a task wants them. */
const matcherAt = (entry: unknown, end: 'source' | 'target'): Matcher | null => {
  const value = endAt(entry, end);
  return value === undefined ? anyBranch : matcherOf(value);
};

export const defaultTasks = listWriter<DefaultTask>({
  kind: 'default-tasks',
  operations: operationsOf(['GET', tasksAt], ['POST', tasksAt]),
  items: (value, level) =>
    itemsOfList<DefaultTask>(value, level, 'default tasks', (entry) => {
      const description = textAt(entry, 'description');
      const sourceMatcher = matcherAt(entry, 'source');
      const targetMatcher = matcherAt(entry, 'target');
      if (description === undefined || sourceMatcher === null || targetMatcher === null) return incomplete('default task', entry);
      return {
        key: `${keyOfMatcher(sourceMatcher)} ${keyOfMatcher(targetMatcher)} ${description}`,
        what: `default task “${description}”`,
        content: { description, sourceMatcher, targetMatcher },
        hidden: endAt(entry, 'source') === undefined && endAt(entry, 'target') === undefined,
      };
    }),
  read: (context) => everyEntry(context, tasksAt.at(context.scope)),
  fit: async ({ what, hidden }, content) => ({
    content,
    notes:
      hidden === true ? [{ state: 'to-do', what, why: 'check which branches it is for: Bitbucket did not say when it was backed up' }] : [],
  }),
  create: (content, context) => submit(context, 'POST', tasksAt.at(context.scope), { json: content }),
});
