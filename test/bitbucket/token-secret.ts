import { randomBytes, randomInt } from 'node:crypto';

/**
 * A fresh token id and secret in Bitbucket's own form: Base64 of twelve digits, a colon and 20 random bytes (44 characters,
 * no padding); newer versions put `BBDC-` before it.
 */
export function mintTokenSecret(version: string): { id: string; secret: string } {
  const id = String(randomInt(0, 10 ** 12)).padStart(12, '0');
  const raw = Buffer.concat([Buffer.from(`${id}:`, 'latin1'), randomBytes(20)]).toString('base64');
  return { id, secret: hasPrefix(version) ? `BBDC-${raw}` : raw };
}

/** The version that began the prefix is not known; Atlassian's 9.4 specification is the first to show it. */
function hasPrefix(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > 9 || (major === 9 && minor >= 4);
}
