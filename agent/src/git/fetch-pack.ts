import { AppError } from '@gitprotect/shared/errors';
import { BeforePack, readAcknowledgements, skipAcknowledgement, skipToPack } from './before-pack.ts';
import type { ObjectFormat } from './object-id.ts';
import { packHeaderBytes } from './pack.ts';
import { PackStream } from './pack-stream.ts';
import { delimPacket, encodePacket, flushPacket } from './pkt-line.ts';
import { demux } from './side-band.ts';
import { ourAgent, uploadPackPath, versionTwo, type Dialect, type GitTransport } from './transport.ts';

/** What to fetch: everything reachable from `wants` and not from `haves` (object ids). */
export interface FetchRequest {
  readonly wants: readonly string[];
  readonly haves: readonly string[];
  readonly objectFormat: ObjectFormat;
  /** As `listRefs` gave it. */
  readonly dialect?: Dialect | undefined;
  /** A partial fetch (`blob:none`); only for servers that offer `filter`. */
  readonly filter?: string | undefined;
  /** Asks for a pack that can be read without what `haves` names: larger, and good for looking into at once. */
  readonly standalone?: boolean | undefined;
  readonly signal: AbortSignal;
  /** Told the pack bytes so far, after each chunk. */
  readonly onBytes?: ((total: number) => void) | undefined;
}

/**
 * Asks for a pack and resolves when its header is here, so a refusal is a rejection: `git-moved` when a wanted object is gone since the listing,
 * `git-refused` with the server's words. What goes wrong later is thrown while the stream is read.
 */
export async function fetchPack(transport: GitTransport, request: FetchRequest): Promise<PackStream> {
  if (request.wants.length === 0) throw new RangeError('nothing to fetch: no wants');
  const old = request.dialect === 'v0';
  const body = old ? requestV0(request) : requestV2(request);
  const answer = await transport.post(uploadPackPath, body, { headers: old ? {} : versionTwo, signal: request.signal });
  const packets = new BeforePack(answer.body[Symbol.asyncIterator](), transport.url);
  try {
    const { objectFormat } = request;
    const shallow = old
      ? await skipAcknowledgement(packets, transport.url)
      : await skipToPack(packets, { objectFormat, source: transport.url });
    return await packBehind(packets, shallow, request, transport.url);
  } catch (error) {
    await packets.chunks.return?.();
    throw error;
  }
}

/** What a server has of what was named, and the pack of what is beyond it, where the server has sent it at once. */
export interface Negotiated {
  readonly common: readonly string[];
  readonly pack: PackStream | null;
}

/**
 * Asks which of `haves` a server has: the repo may be another one than they come from. It sends the pack along where what it has is enough to go by;
 * else `fetchPack` gets it, with what is common. The old protocol does not tell. Rejects as `fetchPack` does.
 */
export async function negotiate(transport: GitTransport, request: FetchRequest): Promise<Negotiated> {
  if (request.wants.length === 0) throw new RangeError('nothing to fetch: no wants');
  if (request.dialect === 'v0' || request.haves.length === 0) return { common: [], pack: null };
  const answer = await transport.post(uploadPackPath, requestV2(request, { done: false }), { headers: versionTwo, signal: request.signal });
  const { objectFormat } = request;
  const { url: source } = transport;
  const packets = new BeforePack(answer.body[Symbol.asyncIterator](), source);
  try {
    const { common, ready } = await readAcknowledgements(packets, { named: new Set(request.haves), source });
    if (ready && common.length > 0)
      return { common, pack: await packBehind(packets, await skipToPack(packets, { objectFormat, source }), request, source) };
    // A pack beyond nothing is none that was asked for; else nothing follows: read to the end, the connection can be used again.
    if (ready || !(await isOver(packets.chunks))) await packets.chunks.return?.();
    return { common, pack: null };
  } catch (error) {
    await packets.chunks.return?.();
    throw error;
  }
}

/** What may follow an answer that is over, in bytes: more is not read. */
const trailing = 65_536;

async function isOver(chunks: AsyncIterator<Uint8Array, unknown>): Promise<boolean> {
  for (let bytes = 0; bytes <= trailing;) {
    const next = await chunks.next();
    if (next.done === true) return true;
    bytes += next.value.length;
  }
  return false;
}

async function packBehind(packets: BeforePack, shallow: readonly string[], request: FetchRequest, source: string): Promise<PackStream> {
  const chunks = demux(packets.rest(), packets.chunks, source);
  return new PackStream({ start: await firstBytes(chunks, source), chunks, shallow }, request, source);
}

/** At least a pack header's bytes. */
async function firstBytes(chunks: AsyncIterator<Buffer, void>, source: string): Promise<Buffer> {
  let start: Buffer = Buffer.alloc(0);
  while (start.length < packHeaderBytes) {
    const next = await chunks.next();
    if (next.done === true) throw new AppError('git-corrupt-pack', `${source} sent a pack without a header`);
    start = start.length === 0 ? next.value : Buffer.concat([start, next.value]);
  }
  return start;
}

/** gitprotocol-v2, "fetch". With `done` the server sends no acknowledgments section. */
function requestV2({ wants, haves, objectFormat, filter, standalone = false }: FetchRequest, { done } = { done: true }): Buffer {
  return Buffer.concat([
    ...['command=fetch', ourAgent, `object-format=${objectFormat}`].map((text) => encodePacket(text)),
    delimPacket,
    ...[...(standalone ? [] : ['thin-pack']), 'ofs-delta', 'no-progress', ...(filter === undefined ? [] : [`filter ${filter}`])].map(
      (text) => encodePacket(text),
    ),
    ...[...new Set(wants)].map((oid) => encodePacket(`want ${oid}`)),
    ...[...new Set(haves)].map((oid) => encodePacket(`have ${oid}`)),
    ...(done ? [encodePacket('done')] : []),
    flushPacket,
  ]);
}

/** gitprotocol-pack, "packfile negotiation", without multi_ack: one ACK or NAK, then the pack. */
function requestV0({ wants, haves, objectFormat, standalone = false }: FetchRequest): Buffer {
  const capabilities = ` side-band-64k${standalone ? '' : ' thin-pack'} ofs-delta no-progress ${ourAgent}${objectFormat === 'sha1' ? '' : ` object-format=${objectFormat}`}`;
  return Buffer.concat([
    ...[...new Set(wants)].map((oid, index) => encodePacket(`want ${oid}${index === 0 ? capabilities : ''}\n`)),
    flushPacket,
    ...[...new Set(haves)].map((oid) => encodePacket(`have ${oid}\n`)),
    encodePacket('done\n'),
  ]);
}
