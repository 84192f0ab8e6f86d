import { readFile } from 'node:fs/promises';

/** Whose the other end of a loopback connection is, as a user id. */
export type Peer = { readonly uid: number } | 'unknown' | 'not-found';

const established = '01';

/**
 * Finds the owner of the client's end in a table as `/proc/net/tcp` or `/proc/net/tcp6` prints it: the row whose local port is the
 * client's and whose remote port is ours. Addresses are hexadecimal in host order, ports in network order (Linux `proc_net_tcp`).
 */
export function ownerIn(table: string, clientPort: number, agentPort: number): number | undefined {
  for (const line of table.split('\n')) {
    const [, local, remote, state, , , , uid] = line.trim().split(/\s+/);
    if (state !== established || uid === undefined || !/^\d+$/.test(uid)) continue;
    if (isLoopback(local, clientPort) && isLoopback(remote, agentPort)) return Number(uid);
  }
  return undefined;
}

/** Whether the other end of this connection may be served: on Linux only processes of the agent's own user. */
export async function isOwnPeer(clientPort: number | undefined, agentPort: number): Promise<boolean> {
  if (process.platform !== 'linux' || clientPort === undefined) return process.platform !== 'linux';
  const peer = await peerOf(clientPort, agentPort);
  // A hardened service may not see /proc/net: then the handshake alone decides, as on other systems.
  return peer === 'unknown' || (peer !== 'not-found' && peer.uid === process.getuid?.());
}

async function peerOf(clientPort: number, agentPort: number): Promise<Peer> {
  let readable = false;
  for (const path of ['/proc/net/tcp', '/proc/net/tcp6']) {
    const table = await readFile(path, 'latin1').catch(() => undefined);
    if (table === undefined) continue;
    readable = true;
    const uid = ownerIn(table, clientPort, agentPort);
    if (uid !== undefined) return { uid };
  }
  return readable ? 'not-found' : 'unknown';
}

const loopback = /^(?:0100007F|0000000000000000FFFF00000100007F):([0-9A-F]{4})$/;

function isLoopback(address: string | undefined, port: number): boolean {
  return Number.parseInt(loopback.exec(address ?? '')?.[1] ?? '', 16) === port;
}
