import { endpoint } from '../../endpoint.ts';
import { textAt } from '../fields.ts';
import { incomplete, itemsOfList } from '../item.ts';
import { everyEntry, submit } from '../submit.ts';
import { listWriter } from '../write-items.ts';

const restrictionAt = endpoint('/api/latest/projects/{projectKey}/settings-restriction');
const allAt = endpoint('/api/latest/projects/{projectKey}/settings-restriction/all');

interface Restricted {
  readonly namespace: string;
  readonly featureKey: string;
  readonly componentKey?: string;
}

/** What only the project's administrators may change. Each feature is listed by itself. */
export const settingsRestrictions = listWriter<Restricted>({
  kind: 'settings-restrictions',
  operations: { project: [`GET ${allAt.template}`, `POST ${restrictionAt.template}`] },
  items: (value, level) =>
    itemsOfList<Restricted>(value, level, 'restricted settings', (entry) => {
      const namespace = textAt(entry, 'namespace');
      const featureKey = textAt(entry, 'featureKey');
      const componentKey = textAt(entry, 'componentKey');
      if (namespace === undefined || featureKey === undefined) return incomplete('restricted setting', entry);
      const component = componentKey === undefined || componentKey === '' ? {} : { componentKey };
      const what = `restriction of setting “${[featureKey, ...Object.values(component)].join(' ')}”`;
      return {
        key: [namespace, featureKey, ...Object.values(component)].join('\n'),
        what,
        content: { namespace, featureKey, ...component },
      };
    }),
  read: async (context, wanted) => {
    const path = allAt.at({ projectKey: context.scope.projectKey });
    const features = new Map(
      wanted.flatMap(({ content }) => (content === null ? [] : [[`${content.namespace}\n${content.featureKey}`, content] as const])),
    );
    const lists = [...features.values()].map(({ namespace, featureKey }) => everyEntry(context, path, { namespace, featureKey }));
    return (await Promise.all(lists)).flat();
  },
  create: (content, context) => submit(context, 'POST', restrictionAt.at({ projectKey: context.scope.projectKey }), { json: content }),
});
