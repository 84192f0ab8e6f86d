import { scoped } from '../../endpoint.ts';
import { at, fieldsOf, flagAt, textAt, textsAt, type Fields } from '../fields.ts';
import { incomplete, itemsOfList } from '../item.ts';
import { everyEntry, operationsOf, submit } from '../submit.ts';
import { listWriter } from '../write-items.ts';

const webhooksAt = scoped('/api/latest', '/webhooks');

interface Webhook {
  readonly name: string;
  readonly url: string;
  readonly events: readonly string[];
  readonly active: boolean;
  readonly configuration: Fields;
  readonly sslVerificationRequired: boolean;
}

const isSet = (value: unknown): boolean => value !== undefined && value !== null && value !== '';

/** Where it calls, in words: an address may carry a password or a token. */
const hostOf = (url: string): string => (URL.canParse(url) ? new URL(url).host : 'an unreadable address');

export const webhooks = listWriter<Webhook>({
  kind: 'webhooks',
  operations: operationsOf(['GET', webhooksAt], ['POST', webhooksAt]),
  items: (value, level) =>
    itemsOfList<Webhook>(value, level, 'webhooks', (entry) => {
      const url = textAt(entry, 'url');
      const events = textsAt(entry, 'events');
      const name = textAt(entry, 'name') ?? '';
      const what = `webhook “${name === '' ? hostOf(url ?? '') : name}”`;
      if (url === undefined || events.length === 0) return incomplete(what, { name, events });
      const { secret, ...configuration } = fieldsOf(at(entry, 'configuration'));
      const content = {
        name,
        url,
        events,
        active: flagAt(entry, 'active') ?? true,
        configuration,
        sslVerificationRequired: flagAt(entry, 'sslVerificationRequired') ?? true,
      };
      const hidden = isSet(secret) || isSet(at(entry, 'credentials'));
      return { key: `${name}\n${url}`, what, content, hidden };
    }),
  read: (context) => everyEntry(context, webhooksAt.at(context.scope)),
  fit: async ({ what, hidden }, content) => {
    const lead = hidden === true ? 'set its secret again' : 'set its secret again, if it had one';
    return { content, notes: [{ state: 'to-do', what: `secret of ${what}`, why: `${lead}: Bitbucket shows it to nobody` }] };
  },
  // A change replaces it whole, and nobody can read the secret to send it along.
  leave: () => ({ state: 'to-do', why: 'change it by hand: a change from here would delete the secret it may have on the server' }),
  create: (content, context) => submit(context, 'POST', webhooksAt.at(context.scope), { json: content }),
});
