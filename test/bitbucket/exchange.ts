import type { IncomingMessage, ServerResponse } from 'node:http';
import { authenticate } from './auth.ts';
import { brokenBody } from './broken-body.ts';
import { tooManyRequests } from './errors.ts';
import { type Fault, type Faults, faultOf } from './faults.ts';
import { type GitAddress, gitAddress, gitOperation } from './git-request.ts';
import { challenge, type GitServer } from './git.ts';
import { failsAtOnce, forceContentType, refuse } from './instant-faults.ts';
import type { Instance } from './instance.ts';
import { answerLfsBatch } from './lfs.ts';
import type { Identity } from './model.ts';
import { answerPage, type TokenPage } from './pages-mount.ts';
import type { RequestRecord } from './request-log.ts';
import { errorAnswer, platformBody, platformXml, send } from './respond.ts';
import { router } from './rest/routes.ts';
import type { Answer, Call } from './router.ts';
import { refuseForgery } from './forgery.ts';
import type { State } from './state.ts';

/** The parts of the simulator an exchange works with. */
export interface ExchangeParts {
  readonly instance: Instance;
  readonly faults: Faults;
  readonly git: GitServer;
  readonly tokenPage: TokenPage;
  /** Whether REST answers are kept in the log. */
  readonly record: boolean;
}

/** Answers one request: who, what goes wrong, how often, and then git, REST or a page. */
export async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  record: RequestRecord,
  parts: ExchangeParts,
): Promise<void> {
  const { instance, faults } = parts;
  const query = new URLSearchParams(record.query);
  const address = gitAddress(record.path);
  record.git = address === undefined ? undefined : await gitOperation(request, address.rest, query);
  if (address === undefined) record.operation = router.operation(record.method, record.path);
  const who = identify(instance, request);
  const identity: Identity = who instanceof Error ? { kind: 'anonymous' } : who;
  name(record, identity);
  const hits = faults.hitting({
    method: record.method,
    path: record.path + (record.query === '' ? '' : `?${record.query}`),
    user: record.user,
    tokenId: record.tokenId,
    repo: repoNamed(record.path, address),
    git: record.git,
  });
  if (await failsAtOnce(response, record, hits)) return;
  const revoked = faultOf(hits, 'revoke');
  const revoke = () => {
    if (identity.kind === 'token') instance.state.revokeToken(identity.token);
  };
  if (revoked !== undefined && revoked.afterBytes === undefined) revoke();
  const known = revoked === undefined || revoked.afterBytes !== undefined ? who : identify(instance, request);
  const through = brokenBody(hits, response, revoke);
  const typed = faultOf(hits, 'content-type');
  if (typed !== undefined) forceContentType(response, typed.type);
  identityHeaders(response, known, instance, record.node);
  if (address !== undefined) return answerGit(request, response, { parts, address, record, hits, through, known });
  const call: Call = { instance, identity, method: record.method, path: record.path, query, params: {}, request };
  if (!(known instanceof Error) && (await answerPage(call, response, parts.tokenPage))) return undefined;
  const rest = await answerRest(call, known, record.node);
  if (parts.record) record.answer = jsonOf(rest);
  return send(response, rest, through);
}

/** A copy of the answer's JSON: handlers may answer with what changes later. */
function jsonOf({ body }: Answer): unknown {
  if (body === undefined || typeof body === 'string' || Buffer.isBuffer(body)) return undefined;
  return JSON.parse(JSON.stringify(body)) as unknown;
}

function identify(instance: Instance, request: IncomingMessage): Identity | Error {
  try {
    return authenticate(instance.state, request, instance.clock.now());
  } catch (error) {
    return error as Error;
  }
}

function name(record: RequestRecord, identity: Identity): void {
  if (identity.kind === 'anonymous') return;
  record.user = identity.user.name;
  record.tokenId = identity.kind === 'token' ? identity.token.id : undefined;
}

function repoNamed(path: string, address: GitAddress | undefined): string | undefined {
  if (address !== undefined) return `${address.projectKey}/${address.slug}`;
  const match = /\/projects\/([^/]+)\/repos\/([^/]+)/.exec(path);
  return match === null ? undefined : `${decodeURIComponent(match[1] ?? '')}/${decodeURIComponent(match[2] ?? '')}`;
}

let answered = 0;

/** The headers by which a client learns whom its credentials stand for. */
function identityHeaders(response: ServerResponse, who: Identity | Error, { clock }: Instance, node: number): void {
  answered += 1;
  const minute = Math.floor(clock.now() / 60_000) % 1440;
  response.setHeader('X-AREQUESTID', `@SIM000${node + 1}x${minute}x${answered}x0`);
  if (who instanceof Error || who.kind === 'anonymous') return;
  response.setHeader('X-AUSERID', String(who.user.id));
  response.setHeader('X-AUSERNAME', encodeURIComponent(who.user.name));
  response.setHeader('X-ASESSIONID', who.kind === 'session' ? who.sessionId.slice(0, 6).toLowerCase() : 'sim0id');
}

/** Only Basic and Bearer count towards the rate limit; browser sessions do not. */
function overLimit(instance: Instance, who: Identity, node: number): number | undefined {
  return who.kind === 'token' || who.kind === 'password' ? instance.limits.take(who.user, node) : undefined;
}

interface GitExchange {
  readonly parts: ExchangeParts;
  readonly address: GitAddress;
  readonly record: RequestRecord;
  readonly hits: readonly Fault[];
  readonly through: ReturnType<typeof brokenBody>;
  readonly known: Identity | Error;
}

async function answerGit(request: IncomingMessage, response: ServerResponse, exchange: GitExchange): Promise<void> {
  const { parts, address, record, hits, through, known } = exchange;
  if (known instanceof Error) return challenge(response, 'Authentication failed. Please check your credentials and try again.');
  const wait = overLimit(parts.instance, known, record.node);
  if (wait !== undefined) return refuse(response, record, { status: 429, retryAfter: wait });
  const { instance } = parts;
  // A browser's cookie opens no repository to git.
  const identity: Identity = known.kind === 'session' ? { kind: 'anonymous' } : known;
  if (record.git === 'lfs') return answerLfsBatch(request, response, { instance, identity, address, through });
  return parts.git.answer(request, response, {
    instance,
    identity,
    address,
    operation: record.git,
    query: record.query,
    faults: hits,
    through,
  });
}

/** What answers bytes, whatever `Accept` says. */
const bytesPaths = /\/avatar\.png$|\/attachments\/[^/]+$|^\/rest\/git-lfs\/storage\//;

async function answerRest(call: Call, known: Identity | Error, node: number): Promise<Answer> {
  const { instance, path, method, request } = call;
  try {
    if (known instanceof Error) throw known;
    const wait = overLimit(instance, known, node);
    if (wait !== undefined) throw tooManyRequests(wait);
    const found = router.find(method, path);
    const accept = request.headers.accept ?? '*/*';
    if (found.kind === 'unknown') {
      return accept.includes('application/json') ? { status: 404, body: platformBody(404) } : platformXml(404);
    }
    if (found.kind === 'wrong-method') return { status: 405, body: platformBody(405) };
    if (path.startsWith('/rest/') && !bytesPaths.test(path) && !/application\/json|\*\/\*|application\/\*/.test(accept))
      return { status: 406 };
    refuseForgery(call);
    const moved = movedTo(call, found.params);
    return moved ?? (await found.handler({ ...call, params: found.params }));
  } catch (error) {
    return errorAnswer(error, instance.url);
  }
}

/** What was renamed or moved answers 307 with its new address. */
function movedTo({ instance, path, query, identity }: Call, params: Readonly<Record<string, string>>): Answer | undefined {
  const { projectKey, repositorySlug } = params;
  if (projectKey === undefined || identity.kind === 'anonymous') return undefined;
  const there = newPath(instance.state, { path, projectKey, repositorySlug });
  if (there === undefined) return undefined;
  const search = query.toString();
  return { status: 307, headers: { Location: `${instance.url}${there}${search === '' ? '' : `?${search}`}` } };
}

interface OldAddress {
  readonly path: string;
  readonly projectKey: string;
  readonly repositorySlug: string | undefined;
}

function newPath(state: State, { path, projectKey, repositorySlug }: OldAddress): string | undefined {
  if (repositorySlug !== undefined) {
    if (state.findRepo(projectKey, repositorySlug) !== undefined) return undefined;
    const repo = state.findMovedRepo(projectKey, repositorySlug);
    return repo && path.replace(/\/projects\/[^/]+\/repos\/[^/]+/, `/projects/${repo.project.key}/repos/${repo.slug}`);
  }
  if (state.findProject(projectKey) !== undefined) return undefined;
  const project = state.findRekeyedProject(projectKey);
  return project && path.replace(/\/projects\/[^/]+/, `/projects/${project.key}`);
}
