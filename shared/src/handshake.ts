import * as v from 'valibot';
import { fromBase64Url, toBase64Url } from './base64url.ts';
import { Count, Id, Name } from './text.ts';

/** The WebSocket subprotocol: the form of the handshake. What follows it is versioned by `hello.v`. */
export const subprotocol = 'gitprotect.v1';
/** The `Origin` of the command line; no web page can send it, for it is not one. */
export const cliOrigin = 'gitprotect-cli';
/** The pairing id of the command line, whose key lies in a file of its user. */
export const cliPairingId = 'cli';

const label = 'gitprotect/1';
const nonceBytes = 32;
/** Length of a pairing key in bytes. */
export const pairingKeyBytes = 32;

/** 32 bytes in Base64url. */
const Token32 = v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]{43}$/, 'not 32 bytes in Base64url'));

/** The part of a hello that every version keeps. */
export const AnyHello = v.object({ type: v.literal('hello'), v: Count });
/** Client's first message. `pairing` is `null` when it comes with a pairing code. */
export const Hello = v.object({ type: v.literal('hello'), v: Count, pairing: v.nullable(Id), nonce: Token32 });
export const Proof = v.object({ type: v.literal('proof'), nonce: Token32, mac: Token32 });
export const Auth = v.object({ type: v.literal('auth'), mac: Token32 });
/** Instead of a proof. It carries no words: whoever sends it has proved nothing yet. `v` is the agent's version. */
export const Refused = v.object({
  type: v.literal('refused'),
  code: v.picklist(['protocol-version', 'not-paired', 'pairing-expired', 'vault-locked']),
  v: Count,
});
export type Refused = v.InferOutput<typeof Refused>;
/** What an agent may answer to a hello. */
export const Answer = v.variant('type', [Proof, Refused]);

/** First sealed frame of a client that pairs: the name the agent will list it by. */
export const PairRequest = v.object({ type: v.literal('pair'), name: Name });
/** The agent's reply, sealed: from now on the client is known by this id. */
export const Paired = v.object({ type: v.literal('paired'), pairing: Id });

/** A WebCrypto key, by a name that both runtimes' types know. */
export type WebKey = Awaited<ReturnType<typeof crypto.subtle.importKey>>;

/** Everything both sides must agree on. Each proof covers all of it, so neither can be used anywhere else. */
export interface Terms {
  /** `null` while pairing. */
  readonly pairing: string | null;
  readonly origin: string;
  /** The port the client dialled, and the one the agent listens on: a relay on another port makes them differ. */
  readonly port: number;
  readonly clientNonce: string;
  readonly agentNonce: string;
}

export type Role = 'agent' | 'client';

/** Two AES-256-GCM keys, one for each direction. */
export interface FrameKeys {
  readonly toAgent: WebKey;
  readonly toClient: WebKey;
}

const utf8 = (text: string): Uint8Array<ArrayBuffer> => Uint8Array.from(new TextEncoder().encode(text));

/** 32 random bytes in Base64url. */
export function newNonce(): string {
  return toBase64Url(crypto.getRandomValues(new Uint8Array(nonceBytes)));
}

/** A pairing key (32 bytes) or the secret of a pairing code (16 bytes), as a key that never gives its bytes back. */
export function importKey(bytes: Uint8Array<ArrayBuffer>, use: 'session' | 'pairing' = 'session'): Promise<WebKey> {
  return crypto.subtle.importKey('raw', bytes, 'HKDF', false, use === 'session' ? ['deriveKey'] : ['deriveKey', 'deriveBits']);
}

/** The proof of `role` that it holds `key`: HMAC-SHA-256 over the terms, in Base64url. */
export async function prove(key: WebKey, role: Role, terms: Terms): Promise<string> {
  return toBase64Url(new Uint8Array(await crypto.subtle.sign('HMAC', await proofKey(key), transcript(role, terms))));
}

/** Whether `mac` is the proof of `role`; compared in constant time. */
export async function isProof(key: WebKey, role: Role, terms: Terms, mac: string): Promise<boolean> {
  const bytes = fromBase64Url(mac);
  return bytes !== null && (await crypto.subtle.verify('HMAC', await proofKey(key), bytes, transcript(role, terms)));
}

/** The keys of this one connection. */
export async function frameKeys(key: WebKey, terms: Terms): Promise<FrameKeys> {
  const derive = (info: string) =>
    crypto.subtle.deriveKey(hkdf(info, bothNonces(terms)), key, { name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt']);
  return { toAgent: await derive('client to agent'), toClient: await derive('agent to client') };
}

/** The pairing key that both sides make from the secret of a pairing code, once they have proved it to each other. */
export async function derivePairingKey(secret: WebKey, terms: Terms): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await crypto.subtle.deriveBits(hkdf('pairing key', bothNonces(terms)), secret, pairingKeyBytes * 8));
}

function proofKey(key: WebKey): Promise<WebKey> {
  const hmac = { name: 'HMAC', hash: 'SHA-256', length: 256 };
  return crypto.subtle.deriveKey(hkdf('proof', new Uint8Array()), key, hmac, false, ['sign', 'verify']);
}

const hkdf = (info: string, salt: Uint8Array<ArrayBuffer>) => ({ name: 'HKDF', hash: 'SHA-256', salt, info: utf8(`${label} ${info}`) });

/** No field can hold a line break (ids, Base64url, a header's value), so lines keep them apart. */
function transcript(role: Role, { pairing, origin, port, clientNonce, agentNonce }: Terms): Uint8Array<ArrayBuffer> {
  return utf8([label, role, pairing ?? '', origin, port, clientNonce, agentNonce].join('\n'));
}

function bothNonces({ clientNonce, agentNonce }: Terms): Uint8Array<ArrayBuffer> {
  return Uint8Array.from([clientNonce, agentNonce].flatMap((nonce) => [...(fromBase64Url(nonce) ?? [])]));
}
