import { randomBytes } from 'node:crypto';

const letters = 'abcdefghijkmnpqrstuvwxyz23456789';

/** A new id: a prefix that says of what, and `length` random letters (5 bits each) that are hard to confuse. */
export function newId(prefix: string, length = 12): string {
  let id = `${prefix}_`;
  for (const byte of randomBytes(length)) id += letters[byte % letters.length] ?? '';
  return id;
}
