import type { IncomingMessage } from 'node:http';
import { wrongCredentials } from './errors.ts';
import type { Identity, Token, User } from './model.ts';
import type { State } from './state.ts';

const sessionCookie = 'BITBUCKETSESSIONID';

/**
 * Who sent the request, by Bearer, Basic or session cookie, in that order.
 * @throws BitbucketError 401 for credentials that are wrong, expired or of a deactivated user.
 */
export function authenticate(state: State, request: IncomingMessage, now: number): Identity {
  const [scheme = '', value = ''] = (request.headers.authorization ?? '').split(/ (.*)/s);
  switch (scheme.toLowerCase()) {
    case '':
      return bySession(state, request.headers.cookie ?? '');
    case 'bearer':
      return asToken(
        state.tokens.find((token) => token.secret === value.trim()),
        now,
      );
    case 'jwt':
      return byPass(request.url?.includes('/rest/git-lfs/storage/') === true ? state.lfsPasses.get(value.trim()) : undefined);
    case 'basic':
      return byBasic(state, Buffer.from(value, 'base64').toString('utf8'), now);
    default:
      throw wrongCredentials();
  }
}

function bySession(state: State, cookies: string): Identity {
  const values = cookies.split(';').map((cookie) => cookie.trim().split('='));
  const sessionId = values.find(([name]) => name === sessionCookie)?.[1];
  const user = sessionId === undefined ? undefined : state.sessions.get(sessionId);
  return sessionId === undefined || user?.active !== true ? { kind: 'anonymous' } : { kind: 'session', user, sessionId };
}

/** What LFS handed out with an address; good for nothing else. */
function byPass(user: User | undefined): Identity {
  if (user === undefined) throw wrongCredentials();
  return { kind: 'password', user };
}

/** Password, or a token of that same user. Project and repository tokens are for Bearer only. */
function byBasic(state: State, credentials: string, now: number): Identity {
  const colon = credentials.indexOf(':');
  const user = state.findUser(credentials.slice(0, colon));
  const secret = credentials.slice(colon + 1);
  if (colon < 0 || user?.active !== true) throw wrongCredentials();
  if (user.password === secret) return { kind: 'password', user };
  return asToken(
    state.tokens.find((token) => token.secret === secret && isOf(token, user)),
    now,
  );
}

const isOf = (token: Token, user: User): boolean => token.scope.target === user;

function asToken(token: Token | undefined, now: number): Identity {
  if (token === undefined || !token.actsAs.active || (token.expiryDate !== undefined && token.expiryDate <= now)) throw wrongCredentials();
  token.lastAuthenticated = now;
  return { kind: 'token', token, user: token.actsAs };
}

/** Logs a browser in: the session's cookie, or undefined when name or password is wrong. */
export function logIn(state: State, name: string, password: string, path: string): string | undefined {
  const user = state.findUser(name);
  if (user?.active !== true || user.password !== password) return undefined;
  return `${sessionCookie}=${state.addSession(user)}; Path=${path}; HttpOnly`;
}
