import { AppError } from '@gitprotect/shared/errors';
import type { ObjectFormat } from './object-id.ts';
import { packHeaderBytes, PackChecksum, readPackHeader } from './pack.ts';
import { delimPacket, encodePacket, flushPacket, readPackets, type Packet } from './pkt-line.ts';
import { quotable, throwIfError } from './server-words.ts';
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
  readonly signal: AbortSignal;
  /** Told the pack bytes so far, after each chunk. */
  readonly onBytes?: ((total: number) => void) | undefined;
}

/**
 * A pack on its way. Iterate it once: chunks as they come, at the reader's pace. The last chunk is followed by the checks (closing flush,
 * trailer), so whoever stores the bytes may keep them only when the iteration ended without an error. `objectCount` 0 means that the server
 * had nothing new: such a pack is not worth storing. Disposing it before the end closes the connection.
 */
export class PackStream implements AsyncIterable<Uint8Array>, AsyncDisposable {
  readonly objectCount: number;
  /** Commits where the server's own history is cut off; without them the repo cannot be cloned whole. */
  readonly shallow: readonly string[];
  #bytes = 0;
  #checksum: string | undefined;
  readonly #chunks: AsyncGenerator<Uint8Array, void>;

  constructor(chunks: AsyncGenerator<Buffer, void>, head: PackHead, request: FetchRequest, source: string) {
    this.objectCount = readPackHeader(head.start, source);
    this.shallow = head.shallow;
    this.#chunks = this.#checked(head.start, chunks, request, source);
  }

  /** Pack bytes so far. */
  get bytes(): number {
    return this.#bytes;
  }

  /** The pack's trailer in hex; undefined until the end was reached and found right. */
  get checksum(): string | undefined {
    return this.#checksum;
  }

  [Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void> {
    return this.#chunks;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // A generator that never started runs no `finally`: start it, so that its end closes what it reads from.
    if (this.#bytes === 0) await this.#chunks.next();
    await this.#chunks.return();
  }

  async *#checked(
    start: Buffer,
    chunks: AsyncGenerator<Buffer, void>,
    request: FetchRequest,
    source: string,
  ): AsyncGenerator<Uint8Array, void> {
    const checksum = new PackChecksum(request.objectFormat);
    const pass = (chunk: Buffer): Buffer => {
      checksum.update(chunk);
      this.#bytes += chunk.length;
      request.onBytes?.(this.#bytes);
      return chunk;
    };
    try {
      yield pass(start);
      for await (const chunk of chunks) yield pass(chunk);
    } finally {
      await closeQuietly(chunks);
    }
    this.#checksum = checksum.verify(source);
  }
}

interface PackHead {
  readonly start: Buffer;
  readonly shallow: readonly string[];
}

/** Ends a generator and with it what it reads from, down to the connection. */
async function closeQuietly(generator: AsyncGenerator<unknown, void>): Promise<void> {
  await generator.return().catch(() => undefined);
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
  const packets = readPackets(answer.body, transport.url);
  try {
    const shallow = old ? await skipAcknowledgement(packets, transport.url) : await skipToPack(packets, transport.url);
    const chunks = demux(packets, transport.url);
    return new PackStream(chunks, { start: await firstBytes(chunks, transport.url), shallow }, request, transport.url);
  } catch (error) {
    await closeQuietly(packets);
    throw error;
  }
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
function requestV2({ wants, haves, objectFormat, filter }: FetchRequest): Buffer {
  return Buffer.concat([
    ...['command=fetch', ourAgent, `object-format=${objectFormat}`].map((text) => encodePacket(text)),
    delimPacket,
    ...['thin-pack', 'ofs-delta', 'no-progress', ...(filter === undefined ? [] : [`filter ${filter}`])].map((text) => encodePacket(text)),
    ...[...new Set(wants)].map((oid) => encodePacket(`want ${oid}`)),
    ...[...new Set(haves)].map((oid) => encodePacket(`have ${oid}`)),
    encodePacket('done'),
    flushPacket,
  ]);
}

/** gitprotocol-pack, "packfile negotiation", without multi_ack: one ACK or NAK, then the pack. */
function requestV0({ wants, haves, objectFormat }: FetchRequest): Buffer {
  const capabilities = ` side-band-64k thin-pack ofs-delta no-progress ${ourAgent}${objectFormat === 'sha1' ? '' : ` object-format=${objectFormat}`}`;
  return Buffer.concat([
    ...[...new Set(wants)].map((oid, index) => encodePacket(`want ${oid}${index === 0 ? capabilities : ''}\n`)),
    flushPacket,
    ...[...new Set(haves)].map((oid) => encodePacket(`have ${oid}\n`)),
    encodePacket('done\n'),
  ]);
}

async function nextPacket(packets: AsyncIterator<Packet, void>, source: string): Promise<Packet> {
  const next = await packets.next();
  if (next.done === true) throw new AppError('git-cut-stream', `${source} stopped sending before the pack began`);
  if (next.value.kind === 'data') throwIfError(source, next.value.payload);
  return next.value;
}

/** Reads the sections before the pack; returns the commits of `shallow-info`. */
async function skipToPack(packets: AsyncIterator<Packet, void>, source: string): Promise<string[]> {
  const shallow: string[] = [];
  for (;;) {
    const packet = await nextPacket(packets, source);
    if (packet.kind === 'delim') continue;
    if (packet.kind !== 'data') throw new AppError('git-cut-stream', `${source} ended its answer without a pack`);
    const line = packet.payload.toString('latin1').trimEnd();
    if (line === 'packfile') return shallow;
    if (line.startsWith('shallow ')) shallow.push(line.slice('shallow '.length));
    else if (line !== 'shallow-info')
      throw new AppError('git-bad-stream', `${source} sent ${JSON.stringify(quotable(line))} before the pack`);
  }
}

async function skipAcknowledgement(packets: AsyncIterator<Packet, void>, source: string): Promise<string[]> {
  const packet = await nextPacket(packets, source);
  const line = packet.kind === 'data' ? packet.payload.toString('latin1').trimEnd() : packet.kind;
  if (line === 'NAK' || line.startsWith('ACK ')) return [];
  throw new AppError('git-bad-stream', `${source} sent ${JSON.stringify(quotable(line))} before the pack`);
}
