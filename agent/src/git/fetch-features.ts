import { buffer } from 'node:stream/consumers';
import { Readable } from 'node:stream';
import { readAdvertisement } from './ref-listing.ts';
import { advertisementPath, versionTwo, type GitTransport } from './transport.ts';

/** What a server can do beyond a plain fetch (gitprotocol-v2, "fetch": `shallow`, `filter`, …); nothing, where it speaks the old protocol. One request. */
export async function fetchFeatures(transport: GitTransport, signal: AbortSignal): Promise<ReadonlySet<string>> {
  const { body } = await transport.get(advertisementPath, { headers: versionTwo, signal });
  const advertised = readAdvertisement(await buffer(Readable.from(body)), transport.url);
  return new Set(advertised.version === 2 ? advertised.capabilities.get('fetch')?.split(' ') : []);
}
