import { AppError } from '@gitprotect/shared/errors';
import { isObjectId, type ObjectFormat } from './object-id.ts';
import { packetsOf } from './pkt-line.ts';
import { decodeName, isRefName } from './ref-name.ts';
import { quotable, throwIfError } from './server-words.ts';

/** What a ref points to, and, when that is an annotated tag, the object the tag stands for in the end. */
export interface RefTarget {
  readonly oid: string;
  readonly peeled?: string;
}

/** Full name -> target, without HEAD, in the server's order. */
export type Refs = ReadonlyMap<string, RefTarget>;

/** HEAD: the branch it names (also when that does not exist yet: `unborn`), and the commit it comes to. */
export interface Head {
  readonly symbolic?: string;
  readonly oid?: string;
  readonly unborn?: boolean;
}

/** All refs of a repo at one moment. */
export interface ListedRefs {
  readonly refs: Refs;
  readonly head: Head;
  readonly objectFormat: ObjectFormat;
  /** Commits where the server's own history is cut off; a full backup of such a repo is not possible. */
  readonly shallow: readonly string[];
}

/** What refs and HEAD name, each once: everything else is reached from there. */
export function tipsOf({ refs, head }: Pick<ListedRefs, 'refs' | 'head'>): string[] {
  const oids = [...refs.values()].map(({ oid }) => oid);
  return [...new Set(head.oid === undefined ? oids : [...oids, head.oid])];
}

/** Collects refs, and refuses what is no ref. */
class Collector {
  readonly refs = new Map<string, RefTarget>();
  head: Head = {};
  readonly #source: string;
  readonly #format: ObjectFormat;

  constructor(source: string, format: ObjectFormat) {
    this.#source = source;
    this.#format = format;
  }

  add(name: string, target: RefTarget): void {
    if (!isRefName(name) || this.refs.has(name)) throw this.bad(name);
    this.refs.set(name, target);
  }

  oid(text: string, line: string): string {
    if (!isObjectId(text, this.#format)) throw this.bad(line);
    return text;
  }

  bad(line: string): AppError {
    return new AppError('git-bad-stream', `${this.#source} listed something that is no ref: ${JSON.stringify(quotable(line))}`);
  }
}

/** The payload of a line as text, without its line feed. */
function lineOf(payload: Buffer): string {
  return decodeName(payload.at(-1) === 0x0a ? payload.subarray(0, -1) : payload);
}

function cut(source: string): AppError {
  // A server whose git died still answers 200, with nothing or half a list: without the closing flush it is no list.
  return new AppError('git-cut-stream', `${source} stopped in the middle of its list of refs`);
}

/** Reads the answer to `ls-refs` (gitprotocol-v2). Only a whole answer, closing flush included, gives a listing. */
export function readLsRefs(body: Uint8Array, source: string, objectFormat: ObjectFormat): ListedRefs {
  const found = new Collector(source, objectFormat);
  let closed = false;
  for (const packet of packetsOf(body, source)) {
    if (closed) throw new AppError('git-bad-stream', `${source} sent more after the end of its list of refs`);
    if (packet.kind === 'flush') closed = true;
    else if (packet.kind === 'data') {
      throwIfError(source, packet.payload);
      readLsRefsLine(lineOf(packet.payload), found);
    } else throw new AppError('git-bad-stream', `${source} sent a ${packet.kind} packet in its list of refs`);
  }
  if (!closed) throw cut(source);
  return { refs: found.refs, head: found.head, objectFormat, shallow: [] };
}

function readLsRefsLine(line: string, found: Collector): void {
  const [id = '', name = '', ...attributes] = line.split(' ');
  const attribute = (key: string): string | undefined => attributes.find((text) => text.startsWith(`${key}:`))?.slice(key.length + 1);
  if (name === 'HEAD') {
    const symbolic = attribute('symref-target');
    if (symbolic !== undefined && !isRefName(symbolic)) throw found.bad(line);
    const target = id === 'unborn' ? { unborn: true } : { oid: found.oid(id, line) };
    found.head = symbolic === undefined ? target : { symbolic, ...target };
    return;
  }
  const oid = found.oid(id, line);
  const peeled = attribute('peeled');
  found.add(name, peeled === undefined ? { oid } : { oid, peeled: found.oid(peeled, line) });
}

/** What `GET info/refs` says: what a v2 server can do, or, from an older one, the refs themselves. */
export type Advertisement =
  | { readonly version: 2; readonly capabilities: ReadonlyMap<string, string>; readonly objectFormat: ObjectFormat }
  | { readonly version: 0; readonly capabilities: ReadonlyMap<string, string>; readonly listed: ListedRefs };

/** Reads the answer to `GET info/refs?service=git-upload-pack` (gitprotocol-http, gitprotocol-pack, gitprotocol-v2). */
export function readAdvertisement(body: Uint8Array, source: string): Advertisement {
  const packets = [...packetsOf(body, source)];
  const lines = packets.map((packet) => (packet.kind === 'data' ? packet.payload : undefined));
  for (const line of lines) if (line !== undefined) throwIfError(source, line);
  if (lines[0]?.toString('latin1').startsWith('# service=') === true) {
    if (packets[1]?.kind !== 'flush') throw cut(source);
    lines.splice(0, 2);
  }
  if (lines.length === 0 || packets.at(-1)?.kind !== 'flush') throw cut(source);
  lines.pop();
  const texts = lines.map((line) => {
    if (line === undefined) throw new AppError('git-bad-stream', `${source} sent a list of refs in more than one part`);
    return line;
  });
  if (texts[0] !== undefined && lineOf(texts[0]) === 'version 2') {
    const capabilities = capabilitiesOf(texts.slice(1).map(lineOf));
    return { version: 2, capabilities, objectFormat: formatIn(capabilities, source) };
  }
  if (texts[0] !== undefined && lineOf(texts[0]) === 'version 1') texts.shift();
  return readV0(texts, source);
}

function capabilitiesOf(words: readonly string[]): Map<string, string> {
  return new Map(
    words.map((word) => {
      const at = word.indexOf('=');
      return at < 0 ? [word, ''] : [word.slice(0, at), word.slice(at + 1)];
    }),
  );
}

function formatIn(capabilities: ReadonlyMap<string, string>, source: string): ObjectFormat {
  const format = capabilities.get('object-format') ?? 'sha1';
  if (format === 'sha1' || format === 'sha256') return format;
  throw new AppError('git-unsupported', `${source} uses the object format ${quotable(format)}; sha1 and sha256 are known`);
}

function readV0(lines: readonly Buffer[], source: string): Advertisement {
  const nul = lines[0]?.indexOf(0) ?? -1;
  const words = nul < 0 ? [] : lineOf(lines[0]?.subarray(nul + 1) ?? Buffer.alloc(0)).split(' ');
  const capabilities = capabilitiesOf(words);
  const objectFormat = formatIn(capabilities, source);
  const found = new Collector(source, objectFormat);
  const shallow: string[] = [];
  for (const [index, payload] of lines.entries()) {
    const line = lineOf(index === 0 && nul >= 0 ? payload.subarray(0, nul) : payload);
    const at = line.indexOf(' ');
    const [id, name] = [line.slice(0, at), line.slice(at + 1)];
    if (id === 'shallow') shallow.push(found.oid(name, line));
    else if (name.endsWith('^{}')) {
      const tag = name.slice(0, -3);
      const target = found.refs.get(tag);
      // An empty repo lists its capabilities under a name of their own.
      if (target !== undefined) found.refs.set(tag, { ...target, peeled: found.oid(id, line) });
      else if (tag !== 'capabilities') throw found.bad(line);
    } else if (name === 'HEAD') found.head = { oid: found.oid(id, line) };
    else found.add(name, { oid: found.oid(id, line) });
  }
  // The map above keeps one `symref` of several; HEAD's is looked for in the words themselves.
  const symbolic = words.find((word) => word.startsWith('symref=HEAD:'))?.slice('symref=HEAD:'.length);
  const head = symbolic === undefined ? found.head : { symbolic, ...(found.head.oid === undefined ? { unborn: true } : found.head) };
  return { version: 0, capabilities, listed: { refs: found.refs, head, objectFormat, shallow } };
}
