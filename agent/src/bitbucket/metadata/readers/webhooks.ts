import { scoped } from '../../endpoint.ts';
import { listKind } from '../list-kind.ts';

/** Whom the server tells of events. Secrets in them cannot be read. */
export const webhooks = listKind({ kind: 'webhooks', needs: 'admin', at: scoped('/api/latest', '/webhooks'), unpaged: true });
