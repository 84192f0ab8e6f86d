import { createHash } from 'node:crypto';

/** Bytes that nothing compresses, and that are the same for the same name in every run. */
export const noise = (name: string, bytes: number): Buffer => createHash('shake256', { outputLength: bytes }).update(name).digest();
