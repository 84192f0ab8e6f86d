import type { MetadataKind } from '@gitprotect/shared/metadata';
import { scoped } from '../../endpoint.ts';
import { fieldsOf, flagAt, numberAt, textAt } from '../fields.ts';
import { isOwn, type ComparableWriter } from '../item.ts';
import { objectAt, operationsOf, submit } from '../submit.ts';
import { fieldsWriter } from '../write-items.ts';

/** A switch of pull requests that a repo has of its own or from its project. `also`: numbers that belong to it. */
function switchWriter(kind: MetadataKind, words: string, also: readonly string[] = []): ComparableWriter {
  const settingsAt = scoped('/api/latest', `/settings/${kind}`);
  return fieldsWriter({
    kind,
    operations: operationsOf(['GET', settingsAt], ['PUT', settingsAt]),
    items: (value, level) => {
      const enabled = flagAt(value, 'enabled');
      if (!isOwn(value, level) && enabled !== undefined) return [];
      const numbers = also.map((name) => [name, numberAt(value, name)] as const);
      const whole = enabled !== undefined && numbers.every(([, number]) => number !== undefined);
      const restricts = level === 'project' && textAt(value, 'restrictionState') === 'RESTRICTED_MODIFIABLE';
      // As a request says it: the project decides for all of its repos.
      const restriction = restricts ? { restrictionAction: 'CREATE' } : {};
      return [{ key: kind, what: words, content: whole ? { enabled, ...Object.fromEntries(numbers), ...restriction } : null }];
    },
    read: (context) => objectAt(context, settingsAt.at(context.scope)),
    refuse: (present) =>
      textAt(present, 'restrictionState') === 'RESTRICTED_UNMODIFIABLE' ? 'the project decides this for all of its repositories' : null,
    write: ([item], context) => submit(context, 'PUT', settingsAt.at(context.scope), { json: fieldsOf(item?.content) }),
  });
}

export const autoMerge = switchWriter('auto-merge', 'auto-merge');
/** Takes both fields only. */
export const autoDecline = switchWriter('auto-decline', 'auto-decline', ['inactivityWeeks']);
export const changeAuthor = switchWriter('change-author', 'change of author');
