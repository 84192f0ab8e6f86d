import { lookup } from 'node:dns/promises';
import { BlockList, isIP } from 'node:net';
import { AppError } from '@gitprotect/shared/errors';

/** Where no Bitbucket is and a cloud's own secrets may be: link-local and metadata addresses, "this host", multicast. */
const forbidden = new BlockList();
forbidden.addSubnet('169.254.0.0', 16, 'ipv4');
forbidden.addSubnet('0.0.0.0', 8, 'ipv4');
forbidden.addSubnet('224.0.0.0', 3, 'ipv4');
forbidden.addAddress('100.100.100.200', 'ipv4');
forbidden.addAddress('168.63.129.16', 'ipv4');
forbidden.addSubnet('fe80::', 10, 'ipv6');
forbidden.addSubnet('ff00::', 8, 'ipv6');
forbidden.addAddress('::', 'ipv6');
forbidden.addAddress('fd00:ec2::254', 'ipv6');

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

const bare = (hostname: string): string => hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');

function listed(list: BlockList, address: string): boolean {
  const family = isIP(address);
  return family !== 0 && list.check(address, family === 4 ? 'ipv4' : 'ipv6');
}

/** Whether a canonical server URL leads to this very machine. */
export function isLoopback(url: string): boolean {
  const host = bare(new URL(url).hostname);
  return host === 'localhost' || host.endsWith('.localhost') || listed(loopback, host);
}

/** What must be said wherever this server is shown; `null` when its address is fine. */
export function addressWarning(url: string): string | null {
  if (!url.startsWith('http:') || isLoopback(url)) return null;
  return `${new URL(url).host} is reached without encryption: everybody on the way can read the tokens. Use https`;
}

/** Whether the address, or one its name stands for, is one no server may have. Names that do not resolve are left to the request itself. */
async function isForbidden(hostname: string): Promise<boolean> {
  const host = bare(hostname);
  if (isIP(host) !== 0) return listed(forbidden, host);
  try {
    return (await lookup(host, { all: true })).some(({ address }) => listed(forbidden, address));
  } catch {
    return false;
  }
}

/** @throws AppError `bad-request` for an address no Bitbucket can have */
export async function requireAllowedAddress(url: string): Promise<void> {
  const { hostname } = new URL(url);
  if (await isForbidden(hostname)) {
    throw new AppError('bad-request', `${hostname} is a link-local, metadata or multicast address, not that of a server`, {
      remedy: 'give the address of Bitbucket, for example https://bitbucket.example.com',
    });
  }
}
