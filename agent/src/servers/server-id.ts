import { createHash } from 'node:crypto';

/** The id of a server, the same wherever and whenever it is added: storage paths begin with it. From its canonical URL. */
export function serverId(url: string): string {
  const host = new URL(url).host
    .replace(/[^A-Za-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')
    .slice(0, 50)
    .toLowerCase();
  return `${host}-${createHash('sha256').update(url).digest('hex').slice(0, 8)}`;
}
