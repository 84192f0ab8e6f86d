import { createServer } from 'node:net';
import { once } from 'node:events';
import type { Finding } from '@gitprotect/shared/finding';
import { formatAgo } from '@gitprotect/shared/format';
import { ok, problem, warning } from './finding.ts';

/** How the agent is that answers. Times in milliseconds since 1970. */
export function examineAgent(listening: { readonly port: number; readonly since: number; readonly now: number }): Finding {
  const { port, since, now } = listening;
  return ok('agent', `runs, listens on 127.0.0.1:${port}, started ${formatAgo(since, now)}`);
}

/** When none runs: that nothing keeps the schedule, and whether one could listen. Port 0 is any that is free. */
export async function examineAbsentAgent(port: number): Promise<Finding[]> {
  const absent = warning(
    'agent',
    'no agent runs: no plan runs on schedule, and no browser reaches it',
    'gitprotect-agent start, or for good: gitprotect-agent service install',
  );
  if (port === 0 || (await isFree(port))) return [absent];
  return [
    absent,
    problem(
      'agent',
      `port ${port} is taken by another program`,
      'stop that program, or set another port in config.json or with --port, and pair the browsers again',
    ),
  ];
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  try {
    server.listen({ host: '127.0.0.1', port, exclusive: true });
    await once(server, 'listening');
    server.close();
    await once(server, 'close');
    return true;
  } catch {
    return false;
  }
}
