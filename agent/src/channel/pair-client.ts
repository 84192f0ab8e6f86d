import type { Arrivals, SocketLike } from '@gitprotect/shared/arrivals';
import { derivePairingKey, Paired, PairRequest } from '@gitprotect/shared/handshake';
import * as v from 'valibot';
import type { Client } from './agent-handshake.ts';
import type { Pairings } from './pairings.ts';

/**
 * Ends a pairing: reads the new client's name, keeps the key both sides derive, and tells the client its id. Returns that id,
 * or `null` when the code was used up meanwhile. Rejects when the client says anything else.
 */
export async function pairClient(
  line: { socket: SocketLike; arrivals: Arrivals },
  client: Client,
  pairings: Pairings,
): Promise<string | null> {
  const frame = await line.arrivals.next();
  const { name } = v.parse(PairRequest, JSON.parse(typeof frame === 'string' ? '' : await client.opener.open(frame)));
  if (!pairings.window.claim(client.key)) return null;
  const key = await derivePairingKey(client.key, client.terms);
  const pairing = await pairings.add({ name, origin: client.terms.origin, key });
  key.fill(0);
  line.socket.send(await client.sealer.seal(JSON.stringify({ type: 'paired', pairing } satisfies v.InferOutput<typeof Paired>)));
  return pairing;
}
