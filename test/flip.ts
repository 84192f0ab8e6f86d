import { readFileSync, writeFileSync } from 'node:fs';

/** Changes a bit of a file, near its end: of an object in storage, one of what is sealed. */
export function flip(file: string): void {
  const bytes = readFileSync(file);
  const at = Math.max(0, bytes.length - 20);
  bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at);
  writeFileSync(file, bytes);
}
