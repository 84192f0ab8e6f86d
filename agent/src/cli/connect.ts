import { fromBase64Url } from '@gitprotect/shared/base64url';
import { connect, type Connection } from '@gitprotect/shared/channel-client';
import { AppError } from '@gitprotect/shared/errors';
import { maxFrameToClient } from '@gitprotect/shared/frame';
import { cliOrigin, cliPairingId, importKey } from '@gitprotect/shared/handshake';
import { WebSocket } from 'ws';
import { readCliKey } from '../lib/cli-key.ts';

/**
 * Connects to the agent of this user that runs with `home` as its folder.
 * @throws AppError `agent-not-running` (then a command may do its work in process), `not-your-agent`, `protocol-version`, `connection-lost`
 */
export async function connectToAgent({ home, signal }: { home: string; signal?: AbortSignal }): Promise<Connection> {
  const found = await readCliKey(home);
  const bytes = found === null ? null : fromBase64Url(found.key.reveal());
  if (found === null || bytes === null) {
    throw new AppError('agent-not-running', `no agent runs with ${home} as its folder`, {
      remedy: 'start it with "gitprotect-agent start"',
    });
  }
  return connect({
    socket: (url, protocol) => new WebSocket(url, protocol, { origin: cliOrigin, maxPayload: maxFrameToClient, perMessageDeflate: false }),
    origin: cliOrigin,
    agent: { pairing: cliPairingId, port: found.port, key: await importKey(bytes) },
    caller: { kind: 'cli' },
    signal,
  });
}
