import * as v from 'valibot';
import { AppError } from './errors.ts';
import { Id, Time } from './text.ts';

/** One Bitbucket Data Center instance. `url` is its base URL with context path and without a trailing slash. */
export const Server = v.object({
  id: Id,
  url: v.string(),
  /** As the server reports it, `null` until it has answered once. */
  version: v.nullable(v.string()),
  /** Whether a certificate authority of its own was given. */
  hasCa: v.boolean(),
  addedAt: Time,
});
export type Server = v.InferOutput<typeof Server>;

/** Servlet and REST roots below a base URL: what follows them is no part of the base. */
const below = /\/(?:rest|plugins|projects|users|scm|login|account|profile|dashboard|admin|repos|mvc|s)(?:\/.*)?$/;

/**
 * The canonical base URL from whatever a person pastes: a page's address, a clone URL, or the base itself.
 * @throws AppError `bad-request` naming what is wrong
 */
export function parseServerUrl(text: string): string {
  let url: URL;
  try {
    url = new URL(text.trim());
  } catch {
    throw new AppError('bad-request', `“${text}” is not a URL`, {
      remedy: 'give the address of Bitbucket, for example https://bitbucket.example.com',
    });
  }
  if (url.protocol !== 'https:' && url.protocol !== 'http:') {
    throw new AppError('bad-request', `${url.protocol} is not a web address`, { remedy: 'give an address that starts with https://' });
  }
  if (url.username !== '' || url.password !== '') {
    throw new AppError('bad-request', 'the address contains a user name or password', {
      remedy: 'give the address alone; credentials are added separately',
    });
  }
  return url.origin + url.pathname.replace(below, '').replace(/\/+$/, '');
}

/** Whether a page at `address` belongs to the server with base URL `base`: same origin, and at or below its context path. */
export function isWithin(base: string, address: string): boolean {
  let url: URL;
  try {
    url = new URL(address);
  } catch {
    return false;
  }
  const start = new URL(base);
  return url.origin === start.origin && `${url.pathname}/`.startsWith(`${start.pathname.replace(/\/+$/, '')}/`);
}
