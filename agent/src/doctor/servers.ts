import { AppError } from '@gitprotect/shared/errors';
import type { Finding } from '@gitprotect/shared/finding';
import { formatAgo } from '@gitprotect/shared/format';
import type { Server } from '@gitprotect/shared/server';
import { readVersion } from '../bitbucket/application-properties.ts';
import { certificateAt, type Certificate } from '../bitbucket/certificate.ts';
import type { BitbucketClient } from '../bitbucket/client.ts';
import { patient } from '../bitbucket/patient.ts';
import type { Clock } from '../lib/clock.ts';
import { addressWarning } from '../servers/allowed-address.ts';
import { failed, ok, problem, warning } from './finding.ts';

/** How long a server may take to be looked at, in milliseconds: a person waits. */
const patience = 20_000;
const day = 86_400_000;

/** Asks a server for its version, without a credential, and looks at its certificate. */
export async function examineServer(
  server: Server,
  { clientOf, clock, signal }: { clientOf: (id: string) => Promise<BitbucketClient>; clock: Clock; signal: AbortSignal },
): Promise<Finding[]> {
  const { url } = server;
  const limit = AbortSignal.timeout(patience);
  const open = addressWarning(url);
  const findings: Finding[] = open === null ? [] : [warning('server', open, 'remove it and add it with its https address')];
  try {
    const client = await clientOf(server.id);
    const version = await readVersion(patient(client.as(null), clock), AbortSignal.any([signal, limit]));
    const certificate = url.startsWith('https:') ? await certificateAt(url, patience) : null;
    return [...findings, judgeServer({ url, version, certificate, now: clock.now() })];
  } catch (error) {
    signal.throwIfAborted();
    const slow = new AppError('server-unreachable', `${url} did not answer within ${patience / 1000} seconds`, {
      remedy: 'check the address, the network and the server, then try again',
    });
    return [...findings, failed('server', limit.aborted ? slow : error)];
  }
}

/** A server that has answered. `certificate` is `null` where none is used or it could not be looked at. */
export function judgeServer(seen: {
  readonly url: string;
  readonly version: string;
  readonly certificate: Certificate | null;
  readonly now: number;
}): Finding {
  const { url, version, certificate, now } = seen;
  const answers = `${url} answers (Bitbucket ${version})`;
  if (certificate === null) return ok('server', answers);
  const end = Date.parse(certificate.validUntil);
  const words = `${answers}, its certificate ends ${formatAgo(end, now)}`;
  if (Number.isNaN(end) || end - now > 14 * day) return ok('server', Number.isNaN(end) ? answers : words);
  const remedy = 'ask the administrator of the server to renew its certificate';
  return end > now ? warning('server', words, remedy) : problem('server', `${answers}, but its certificate has expired`, remedy);
}
