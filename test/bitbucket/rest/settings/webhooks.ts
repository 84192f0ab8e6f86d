import { invalid } from '../../errors.ts';
import { isRepo } from '../../model.ts';
import { admin } from '../../permissions.ts';
import { word } from '../word.ts';
import type { ListKind, Making } from './list-kind.ts';
import { type Fields, flagOf, isFields, listOf, textOf } from './place.ts';

const ofRepos = ['repo:refs_changed', 'repo:modified', 'repo:forked', 'repo:comment:added', 'repo:comment:edited', 'repo:comment:deleted'];
const events = new Set([
  ...ofRepos,
  'repo:secret_detected',
  'mirror:repo_synchronized',
  'project:modified',
  ...['opened', 'modified', 'deleted', 'declined', 'merged', 'from_ref_updated', 'to_ref_updated'].map((what) => `pr:${what}`),
  ...['updated', 'approved', 'unapproved', 'needs_work', 'changes_requested'].map((what) => `pr:reviewer:${what}`),
  ...['added', 'edited', 'deleted'].map((what) => `pr:comment:${what}`),
]);

function urlOf(body: Fields): string {
  const url = textOf(body, 'url');
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) throw invalid('url', 'The URL must be a valid HTTP or HTTPS URL.');
  return url;
}

function eventsOf(body: Fields): string[] {
  const named = listOf(body, 'events').map((event) => {
    if (typeof event !== 'string' || !events.has(event)) throw invalid('events', `Unknown event: ${word(event)}`);
    return event;
  });
  if (named.length === 0) throw invalid('events', 'At least one event must be selected.');
  return named;
}

/** A change replaces it whole: what is missing is cleared. */
function make({ instance, on, id, body, before }: Making): Fields {
  const now = instance.clock.now();
  const { configuration, credentials } = body;
  return {
    id,
    name: textOf(body, 'name'),
    createdDate: before?.['createdDate'] ?? now,
    updatedDate: now,
    events: eventsOf(body),
    configuration: isFields(configuration) ? configuration : {},
    ...(isFields(credentials) ? { credentials } : {}),
    url: urlOf(body),
    active: flagOf(body, 'active', true),
    scopeType: isRepo(on) ? 'repository' : 'project',
    sslVerificationRequired: flagOf(body, 'sslVerificationRequired', true),
  };
}

/** Secrets and passwords go in and never come out. */
function show({ configuration, credentials, ...webhook }: Fields): Fields {
  const { secret: _, ...open } = isFields(configuration) ? configuration : {};
  const username = isFields(credentials) ? credentials['username'] : undefined;
  return { ...webhook, configuration: open, ...(typeof username === 'string' ? { credentials: { username } } : {}) };
}

export const webhooks: ListKind = {
  name: 'webhooks',
  api: '/api/latest',
  list: '/webhooks',
  item: '/webhooks/{webhookId}',
  one: ['GET', 'PUT', 'DELETE'],
  reads: admin,
  make,
  show,
};
