import { BitbucketError, invalid, notPermitted } from '../errors.ts';
import { tokenPermissions, type Token, type TokenPermission, type TokenScope } from '../model.ts';
import { pageOf } from '../paging.ts';
import { admin, isAdmin } from '../permissions.ts';
import { jsonBody, noContent, ok, type Call, type Handler, type Routes } from '../router.ts';
import { requireNamedUser, requireProject, requireRepo, requireUser } from './access.ts';
import { tokenJson } from './json.ts';

/** Whose tokens the path is about, once the asker may manage them. Tokens cannot manage tokens. */
type ScopeOf = (call: Call, purpose: 'manage' | 'create') => TokenScope;

function ofUser(call: Call, purpose: 'manage' | 'create'): TokenScope {
  const asker = requireLogin(call);
  const user = requireNamedUser(call);
  // An administrator sees and revokes other people's tokens, but cannot create one for them.
  if (user !== asker && (purpose === 'create' || !isAdmin(call.identity))) throw notPermitted();
  return { kind: 'user', target: user };
}

function ofProject(call: Call): TokenScope {
  requireLogin(call);
  return { kind: 'project', target: requireProject(call, admin) };
}

function ofRepo(call: Call): TokenScope {
  requireLogin(call);
  return { kind: 'repo', target: requireRepo(call, admin) };
}

function requireLogin(call: Call) {
  const user = requireUser(call);
  if (call.identity.kind === 'token') throw notPermitted();
  return user;
}

const tokensOf = ({ instance: { state } }: Call, { target }: TokenScope): Token[] =>
  state.tokens.filter(({ scope }) => scope.target === target);

/** @throws BitbucketError 404 without an `errors` list: what Bitbucket says for an unknown token. */
function tokenOf(call: Call, scope: TokenScope): Token {
  const token = tokensOf(call, scope).find(({ id }) => id === call.params['tokenId']);
  if (token === undefined) throw new BitbucketError(404, []);
  return token;
}

const isPermission = (value: unknown): value is TokenPermission => tokenPermissions.some((known) => known === value);

function validPermissions(value: unknown, scope: TokenScope): TokenPermission[] {
  if (!Array.isArray(value) || value.length === 0) throw invalid('permissions', 'At least one permission is required.');
  const unknown = value.find((permission) => !isPermission(permission));
  if (unknown !== undefined) throw invalid('permissions', `Unknown permission: ${String(unknown)}`);
  const permissions = value.filter(isPermission);
  if (scope.kind === 'repo' && permissions.some((permission) => permission.startsWith('PROJECT_'))) {
    throw invalid('permissions', 'Repository access tokens cannot have project permissions.');
  }
  return permissions;
}

function validName(value: unknown): string {
  if (typeof value === 'string' && value.trim() !== '' && value.length <= 255) return value;
  throw invalid('name', 'A token name is required.');
}

function validExpiry(value: unknown, longest: number | undefined): number | undefined {
  if (value === undefined || value === null) {
    if (longest !== undefined) throw invalid('expiryDays', `An expiry of at most ${longest} days is required.`);
    return undefined;
  }
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 1 || (longest !== undefined && value > longest)) {
    throw invalid('expiryDays', 'The expiry is not a permitted number of days.');
  }
  return value;
}

const create =
  (scopeOf: ScopeOf): Handler =>
  async (call) => {
    const scope = scopeOf(call, 'create');
    const { state } = call.instance;
    const request = await jsonBody(call);
    const expiryDays = validExpiry(request['expiryDays'], state.tokenExpiryRequired);
    const [name, permissions] = [validName(request['name']), validPermissions(request['permissions'], scope)];
    if (tokensOf(call, scope).length >= state.maxTokens) throw invalid(null, 'The maximum number of access tokens has been reached.');
    const token = state.addToken({ [scope.kind]: scope.target, name, permissions, ...(expiryDays === undefined ? {} : { expiryDays }) });
    // The only answer that ever shows the secret.
    return ok({ ...tokenJson(call.instance, token), token: token.secret });
  };

const update =
  (scopeOf: ScopeOf): Handler =>
  async (call) => {
    const scope = scopeOf(call, 'manage');
    const token = tokenOf(call, scope);
    const request = await jsonBody(call);
    // The expiry cannot be changed once set, so it is not read here.
    const name = request['name'] === undefined ? token.name : validName(request['name']);
    token.permissions = request['permissions'] === undefined ? token.permissions : validPermissions(request['permissions'], scope);
    token.name = name;
    return ok(tokenJson(call.instance, token));
  };

function routesFor(path: string, scopeOf: ScopeOf): Routes {
  return {
    [`GET ${path}`]: (call) => {
      const tokens = tokensOf(call, scopeOf(call, 'manage')).map((token) => tokenJson(call.instance, token));
      return ok(pageOf(tokens, call.query, call.instance.pageLimit));
    },
    [`PUT ${path}`]: create(scopeOf),
    [`GET ${path}/{tokenId}`]: (call) => ok(tokenJson(call.instance, tokenOf(call, scopeOf(call, 'manage')))),
    [`POST ${path}/{tokenId}`]: update(scopeOf),
    [`DELETE ${path}/{tokenId}`]: (call) => {
      call.instance.state.revokeToken(tokenOf(call, scopeOf(call, 'manage')));
      return noContent();
    },
  };
}

const base = '/rest/access-tokens/latest';

export const accessTokenRoutes: Routes = {
  ...routesFor(`${base}/projects/{projectKey}/repos/{repositorySlug}`, ofRepo),
  ...routesFor(`${base}/users/{userSlug}`, ofUser),
  ...routesFor(`${base}/projects/{projectKey}`, ofProject),
};
