import { AppError } from '@gitprotect/shared/errors';
import { isObjectId, type ObjectFormat } from './object-id.ts';
import { PacketDecoder, type Packet } from './pkt-line.ts';
import { quotable, throwIfError } from './server-words.ts';

/** The packets before a pack, one by one. An `ERR` line among them is thrown: `git-moved`, `git-refused`. */
export class BeforePack {
  readonly chunks: AsyncIterator<Uint8Array, unknown>;
  readonly #source: string;
  readonly #decoder: PacketDecoder;

  constructor(chunks: AsyncIterator<Uint8Array, unknown>, source: string) {
    this.chunks = chunks;
    this.#source = source;
    this.#decoder = new PacketDecoder(source);
  }

  async next(): Promise<Packet> {
    for (;;) {
      const packet = this.#decoder.next();
      if (packet?.kind === 'data') throwIfError(this.#source, packet.payload);
      if (packet !== undefined) return packet;
      const next = await this.chunks.next();
      if (next.done === true) throw new AppError('git-cut-stream', `${this.#source} stopped sending before the pack began`);
      this.#decoder.push(next.value);
    }
  }

  /** The bytes behind the last packet; more of them are in `chunks`. */
  rest(): Buffer {
    return this.#decoder.rest();
  }
}

/** Cuts of one repo that are taken down. No real one comes near: they are the ends of branches that were fetched with a depth. */
const mostCuts = 100_000;

/**
 * Reads the sections before the pack (gitprotocol-v2, "fetch").
 * @returns the commits of `shallow-info`, each once; git repeats one that several ways lead to
 * @throws AppError `git-bad-stream` at the first line that is none of it, and at too many
 */
export async function skipToPack(
  packets: BeforePack,
  { objectFormat, source }: { readonly objectFormat: ObjectFormat; readonly source: string },
): Promise<readonly string[]> {
  const shallow = new Set<string>();
  for (;;) {
    const packet = await packets.next();
    if (packet.kind === 'delim') continue;
    if (packet.kind !== 'data') throw new AppError('git-cut-stream', `${source} ended its answer without a pack`);
    const line = packet.payload.toString('latin1').trimEnd();
    if (line === 'packfile') return [...shallow];
    const oid = line.startsWith('shallow ') ? line.slice('shallow '.length) : undefined;
    if (oid !== undefined && isObjectId(oid, objectFormat)) shallow.add(oid);
    else if (line !== 'shallow-info')
      throw new AppError('git-bad-stream', `${source} sent ${JSON.stringify(quotable(line))} before the pack`);
    if (shallow.size > mostCuts)
      throw new AppError('git-bad-stream', `${source} names more than ${mostCuts} commits at which its history is cut off`);
  }
}

/**
 * Reads the section `acknowledgments` (gitprotocol-v2, "fetch"), which a server sends to a request without `done`.
 * @returns what it has of what was `named`, each once, and whether a pack follows
 * @throws AppError `git-bad-stream` at the first that nobody named: so many at most are kept as were
 */
export async function readAcknowledgements(
  packets: BeforePack,
  { named, source }: { readonly named: ReadonlySet<string>; readonly source: string },
): Promise<{ readonly common: readonly string[]; readonly ready: boolean }> {
  const found = new Set<string>();
  let ready = false;
  for (let begun = false; ; begun = true) {
    const packet = await packets.next();
    if (packet.kind === 'delim' && begun && ready) return { common: [...found], ready };
    if (packet.kind === 'flush' && begun && !ready) return { common: [...found], ready };
    const line = packet.kind === 'data' ? packet.payload.toString('latin1').trimEnd() : packet.kind;
    const oid = begun && line.startsWith('ACK ') ? line.slice('ACK '.length) : undefined;
    if (oid !== undefined && !named.has(oid))
      throw new AppError('git-bad-stream', `${source} says that it has ${JSON.stringify(quotable(oid))}, which nobody named`);
    if (oid !== undefined) found.add(oid);
    else if (begun && line === 'ready') ready = true;
    else if (line !== (begun ? 'NAK' : 'acknowledgments'))
      throw new AppError('git-bad-stream', `${source} sent ${JSON.stringify(quotable(line))} where it was asked what it has`);
  }
}

/** Reads the one line before the pack of the old protocol. */
export async function skipAcknowledgement(packets: BeforePack, source: string): Promise<string[]> {
  const packet = await packets.next();
  const line = packet.kind === 'data' ? packet.payload.toString('latin1').trimEnd() : packet.kind;
  if (line === 'NAK' || line.startsWith('ACK ')) return [];
  throw new AppError('git-bad-stream', `${source} sent ${JSON.stringify(quotable(line))} before the pack`);
}
