/*
 * Keys of age: an identity (`AGE-SECRET-KEY-1…`) opens, its recipient (`age1…`) is what is sealed to. The library loads at first use: it is a
 * tenth of what a command takes to start, and most commands seal nothing.
 */

export async function newIdentity(): Promise<string> {
  const { generateX25519Identity } = await import('age-encryption');
  return generateX25519Identity();
}

/** Rejects when `identity` is none. */
export async function recipientOf(identity: string): Promise<string> {
  const { identityToRecipient } = await import('age-encryption');
  return identityToRecipient(identity);
}
