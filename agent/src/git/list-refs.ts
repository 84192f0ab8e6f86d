import { createHash } from 'node:crypto';
import { AppError, type ErrorCode } from '@gitprotect/shared/errors';
import type { ObjectFormat } from './object-id.ts';
import { delimPacket, encodePacket, flushPacket } from './pkt-line.ts';
import { readAdvertisement, readLsRefs, type Advertisement, type ListedRefs } from './ref-listing.ts';
import { advertisementPath, ourAgent, uploadPackPath, versionTwo, type Dialect, type GitAnswer, type GitTransport } from './transport.ts';

/** What may be known of server and repo from last time. */
export interface ListRefsOptions {
  readonly signal: AbortSignal;
  /** As the last listing of any repo on this server gave it; without it the server is probed on the way. */
  readonly dialect?: Dialect | undefined;
  /** As the last listing of this repo gave it. */
  readonly objectFormat?: ObjectFormat | undefined;
  /** `bodyHash` of the last listing: the same answer again is not even parsed. */
  readonly expect?: string | undefined;
}

interface Exchange {
  /** SHA-256 (hex) of the answer that held the list. */
  readonly bodyHash: string;
  /** Bytes received. */
  readonly bytes: number;
  /** Requests it took; they count against the user's limit. */
  readonly requests: number;
  /** What this server needs; hand it to the next call for the same server. */
  readonly dialect: Dialect;
}

/** All refs, or the news that the answer is, byte for byte, the expected one. */
export type RefListing = ({ readonly unchanged: true } & Exchange) | ({ readonly unchanged: false } & Exchange & ListedRefs);

/** A list longer than this (millions of refs) is taken for a fault. */
const largestBody = 256 * 1024 * 1024;

/** With these answers to a bare POST, a server may still do with a GET before it; with others asking again is of no use. */
const worthAnotherWay: ReadonlySet<ErrorCode> = new Set([
  'server-bad-answer',
  // HTTP 400, which is also what a server says to plain HTTP on its TLS port: the GET will tell.
  'server-needs-https',
  'server-error',
  'git-bad-stream',
  'git-cut-stream',
  'git-refused',
]);

/**
 * Lists all refs and HEAD, with one request where the server allows it (protocol v2, no GET before the POST).
 * Rejects rather than guess: an answer without its closing flush is `git-cut-stream`, never "no refs".
 */
export async function listRefs(transport: GitTransport, options: ListRefsOptions): Promise<RefListing> {
  const { dialect, objectFormat = 'sha1', expect } = options;
  const line = new Conversation(transport, options.signal);
  const outcome = (body: Buffer, used: Dialect, read: () => ListedRefs): RefListing => {
    const bodyHash = createHash('sha256').update(body).digest('hex');
    const exchange = { bodyHash, bytes: line.bytes, requests: line.requests, dialect: used };
    return bodyHash === expect ? { unchanged: true, ...exchange } : { unchanged: false, ...exchange, ...read() };
  };

  if (dialect === undefined || dialect === 'post') {
    try {
      const body = await line.lsRefs(objectFormat, true);
      return outcome(body, 'post', () => readLsRefs(body, transport.url, objectFormat));
    } catch (error) {
      if (!(error instanceof AppError && worthAnotherWay.has(error.code))) throw error;
    }
  }
  const body = await line.advertisement();
  const advertised = readAdvertisement(body, transport.url);
  if (advertised.version === 0) return outcome(body, 'v0', () => advertised.listed);
  const format = advertised.objectFormat;
  const listed = await line.lsRefs(format, offersUnborn(advertised));
  // Asked in the wrong object format a server answers nothing: then the failed POST says nothing about what the server needs.
  const bareWorks = dialect === 'post' || (dialect === undefined && format !== objectFormat);
  const used = bareWorks ? 'post' : 'get-post';
  return outcome(listed, used, () => readLsRefs(listed, transport.url, format));
}

function offersUnborn({ capabilities }: Advertisement): boolean {
  return capabilities.get('ls-refs')?.split(' ').includes('unborn') === true;
}

/** The requests of one listing, counted. */
class Conversation {
  readonly #transport: GitTransport;
  readonly #signal: AbortSignal;
  requests = 0;
  bytes = 0;

  constructor(transport: GitTransport, signal: AbortSignal) {
    this.#transport = transport;
    this.#signal = signal;
  }

  async lsRefs(format: ObjectFormat, unborn: boolean): Promise<Buffer> {
    const request = Buffer.concat([
      ...['command=ls-refs', ourAgent, `object-format=${format}`].map((text) => encodePacket(text)),
      delimPacket,
      ...['symrefs', 'peel', ...(unborn ? ['unborn'] : [])].map((text) => encodePacket(text)),
      flushPacket,
    ]);
    this.requests += 1;
    return this.#bodyOf(await this.#transport.post(uploadPackPath, request, { headers: versionTwo, signal: this.#signal }));
  }

  async advertisement(): Promise<Buffer> {
    this.requests += 1;
    return this.#bodyOf(await this.#transport.get(advertisementPath, { headers: versionTwo, signal: this.#signal }));
  }

  async #bodyOf(answer: GitAnswer): Promise<Buffer> {
    const chunks: Uint8Array[] = [];
    let length = 0;
    for await (const chunk of answer.body) {
      length += chunk.length;
      if (length > largestBody) throw new AppError('git-bad-stream', `${this.#transport.url} does not come to the end of its list of refs`);
      chunks.push(chunk);
    }
    this.bytes += length;
    return Buffer.concat(chunks, length);
  }
}
