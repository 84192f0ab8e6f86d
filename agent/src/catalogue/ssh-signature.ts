import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { Secret } from '../lib/secret.ts';

/*
 * Signatures in OpenSSH's own form (PROTOCOL.sshsig), so that `ssh-keygen -Y verify` checks them without anything of ours.
 */

/** What a signature of ours is for; `ssh-keygen -Y verify -n` asks for it. */
export const signatureNamespace = 'gitprotect';

const algorithm = 'ssh-ed25519';

/** A new Ed25519 key as PEM (PKCS #8). */
export function newSigningKey(): Secret {
  return new Secret(generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString());
}

/** The public half as OpenSSH writes it: `ssh-ed25519 AAAA…`. */
export function sshPublicKey(key: Secret): string {
  return `${algorithm} ${publicBlob(createPrivateKey(key.reveal())).toString('base64')}`;
}

/** The content of a `.sig` file for `message`. */
export function signSsh(message: Uint8Array, key: Secret): string {
  const privateKey = createPrivateKey(key.reveal());
  const about = [text(signatureNamespace), text(''), text('sha512')];
  const digest = createHash('sha512').update(message).digest();
  const signature = sign(null, Buffer.concat([Buffer.from('SSHSIG'), ...about, text(digest)]), privateKey);
  const version = Buffer.of(0, 0, 0, 1);
  const wrapped = text(Buffer.concat([text(algorithm), text(signature)]));
  const blob = Buffer.concat([Buffer.from('SSHSIG'), version, text(publicBlob(privateKey)), ...about, wrapped]);
  const lines = blob.toString('base64').match(/.{1,70}/g) ?? [];
  return ['-----BEGIN SSH SIGNATURE-----', ...lines, '-----END SSH SIGNATURE-----', ''].join('\n');
}

function publicBlob(privateKey: KeyObject): Buffer {
  // The last 32 bytes of Ed25519's SPKI form are the key itself.
  const raw = createPublicKey(privateKey).export({ type: 'spki', format: 'der' }).subarray(-32);
  return Buffer.concat([text(algorithm), text(raw)]);
}

/** SSH's string: length, then the bytes. */
function text(content: string | Uint8Array): Buffer {
  const bytes = Buffer.from(content);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}
