import { createHash, randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Transform } from 'node:stream';
import { challenge } from './git.ts';
import type { GitAddress } from './git-request.ts';
import type { Instance } from './instance.ts';
import type { Identity, Repo } from './model.ts';
import { read, repoLevel, write } from './permissions.ts';
import { send } from './respond.ts';
import { textBody, type Answer } from './router.ts';

const mediaType = 'application/vnd.git-lfs+json';

/** Puts an object into a repository's LFS store and switches LFS on there. Returns its oid. */
export function addLfsObject(repo: Repo, content: Buffer): string {
  const oid = createHash('sha256').update(content).digest('hex');
  repo.lfs.enabled = true;
  repo.lfs.objects.set(oid, content);
  return oid;
}

interface BatchObject {
  readonly oid: string;
  readonly size: number;
}

interface BatchRequest {
  readonly operation: 'download' | 'upload';
  readonly objects: readonly BatchObject[];
}

/** What a batch asks, undefined when it is none. */
function batchRequest(text: string): BatchRequest | undefined {
  try {
    const { operation, objects } = JSON.parse(text) as Partial<BatchRequest>;
    const known = operation === 'download' || operation === 'upload';
    const valid = objects?.every(({ oid, size }) => /^[0-9a-f]{64}$/.test(oid) && Number.isSafeInteger(size) && size >= 0);
    return known && valid === true && objects !== undefined ? { operation, objects } : undefined;
  } catch {
    return undefined;
  }
}

interface LfsCall {
  readonly instance: Instance;
  readonly identity: Identity;
  readonly address: GitAddress;
  readonly through: Transform | undefined;
}

/** `POST …/info/lfs/objects/batch`: where each object is to be had, or to be put. Git LFS API, batch, basic transfers. */
export async function answerLfsBatch(request: IncomingMessage, response: ServerResponse, call: LfsCall): Promise<void> {
  const { instance, identity, address } = call;
  const repo = instance.state.findRepo(address.projectKey, address.slug);
  const level = repo === undefined ? 0 : repoLevel(instance.state, identity, repo);
  if (level < read && identity.kind === 'anonymous') {
    response.setHeader('LFS-Authenticate', 'Basic realm="Atlassian Bitbucket"');
    challenge(response, 'Authentication required');
    return;
  }
  const refuse = (status: number, message: string) => reply(response, call, { status, body: { message } });
  if (repo === undefined || level < read || !repo.lfs.enabled) {
    refuse(404, 'Git LFS is not enabled for this repository, or it does not exist');
    return;
  }
  if (address.rest.startsWith('/info/lfs/locks')) {
    refuse(501, 'File locking is not available');
    return;
  }
  if (address.rest !== '/info/lfs/objects/batch' || request.method !== 'POST') {
    refuse(404, 'Not found');
    return;
  }
  const asked = batchRequest(await textBody(request));
  if (asked === undefined) {
    refuse(422, 'The batch request is not valid');
    return;
  }
  const { operation, objects } = asked;
  if (operation === 'upload' && (level < write || repo.archived)) {
    refuse(403, 'You are not permitted to upload to this repository');
    return;
  }
  const described = objects.map((object) => (operation === 'upload' ? upload(call, repo, object) : download(call, repo, object)));
  reply(response, call, { status: 200, body: { transfer: 'basic', objects: described } });
}

function reply(response: ServerResponse, { through }: LfsCall, answer: Answer): void {
  send(response, { ...answer, headers: { 'Content-Type': mediaType } }, through);
}

const storage = ({ url }: Instance, { project, slug }: Repo, oid: string): string =>
  `${url}/rest/git-lfs/storage/${project.key}/${slug}/${oid}`;

function download(call: LfsCall, repo: Repo, { oid, size }: BatchObject): object {
  const { objects, faults } = repo.lfs;
  if (!objects.has(oid) && !faults.vanished.has(oid)) return { oid, size, error: { code: 404, message: 'Object does not exist' } };
  const disposition = encodeURIComponent(`attachment; filename="${oid}"`);
  const href =
    faults.elsewhere === undefined
      ? `${storage(call.instance, repo, oid)}?response-content-disposition=${disposition}`
      : `${faults.elsewhere}${oid}?signature=${oid.slice(0, 8)}`;
  return { oid, size, authenticated: true, actions: { download: { href, ...authorization(call, repo) } } };
}

function upload(call: LfsCall, repo: Repo, { oid, size }: BatchObject): object {
  const { objects, faults } = repo.lfs;
  if (objects.has(oid)) return { oid, size, authenticated: true };
  const action = { href: storage(call.instance, repo, oid), ...authorization(call, repo) };
  return { oid, size, authenticated: true, actions: { upload: action, ...(faults.verify ? { verify: action } : {}) } };
}

/** A pass for the action's address. An object store elsewhere has the signature in its address. */
function authorization({ instance, identity }: LfsCall, { lfs }: Repo): object {
  if (!lfs.faults.ownAuthorization || identity.kind === 'anonymous' || lfs.faults.elsewhere !== undefined) return {};
  const pass = randomBytes(24).toString('base64url');
  instance.state.lfsPasses.set(pass, identity.user);
  return { header: { Authorization: `JWT ${pass}` }, expires_in: 3600 };
}
