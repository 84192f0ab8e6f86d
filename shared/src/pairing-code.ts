import { AppError } from './errors.ts';

/** What a pairing code carries: the port to dial on 127.0.0.1, and 16 secret bytes. */
export interface PairingCode {
  readonly port: number;
  readonly secret: Uint8Array<ArrayBuffer>;
}

/** Crockford's Base32: no letter that reads like another sign. */
const alphabet = '0123456789abcdefghjkmnpqrstvwxyz';
const secretBytes = 16;
const form = /^gp1-([1-9]\d{0,4})-([0-9a-hjkmnp-tv-z]{26})$/;

/** The one string a person copies: `gp1-<port>-<26 characters>`. */
export function formatPairingCode({ port, secret }: PairingCode): string {
  let bits = BigInt(`0x${Array.from(secret, (byte) => byte.toString(16).padStart(2, '0')).join('')}`) << 2n;
  let text = '';
  for (let count = 0; count < 26; count += 1) {
    text = alphabet.charAt(Number(bits & 31n)) + text;
    bits >>= 5n;
  }
  return `gp1-${port}-${text}`;
}

/**
 * Reads a pairing code as a person pastes or types it: spaces, capitals and look-alike letters are forgiven.
 * @throws AppError `pairing-wrong` when it is not one
 */
export function parsePairingCode(text: string): PairingCode {
  const [, port = '', digits = ''] = form.exec(straighten(text)) ?? [];
  const bits = Array.from(digits, (digit) => BigInt(alphabet.indexOf(digit))).reduce((sum, digit) => (sum << 5n) | digit, 0n);
  if (digits === '' || Number(port) > 65_535 || (bits & 3n) !== 0n) {
    throw new AppError('pairing-wrong', 'this is not a pairing code', {
      remedy: 'run "gitprotect-agent pair" and paste the whole line it prints, from gp1- to the end',
    });
  }
  const hex = (bits >> 2n).toString(16).padStart(secretBytes * 2, '0');
  return {
    port: Number(port),
    secret: Uint8Array.from({ length: secretBytes }, (_, at) => Number.parseInt(hex.slice(at * 2, at * 2 + 2), 16)),
  };
}

function straighten(text: string): string {
  const plain = text.replaceAll(/\s+/g, '').toLowerCase();
  const start = plain.lastIndexOf('-') + 1;
  return plain.slice(0, start) + plain.slice(start).replaceAll('o', '0').replaceAll(/[il]/g, '1');
}
