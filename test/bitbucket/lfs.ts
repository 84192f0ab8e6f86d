import { createHash } from 'node:crypto';
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
  if (repo === undefined || level < read || !repo.lfs.enabled || address.rest !== '/info/lfs/objects/batch') {
    refuse(404, 'Git LFS is not enabled for this repository, or it does not exist');
    return;
  }
  const { operation, objects } = JSON.parse(await textBody(request)) as { operation: string; objects: BatchObject[] };
  if (operation === 'upload' && (level < write || repo.archived)) {
    refuse(403, 'You are not permitted to upload to this repository');
    return;
  }
  const described = objects.map((object) => (operation === 'upload' ? upload(instance, repo, object) : download(instance, repo, object)));
  reply(response, call, { status: 200, body: { transfer: 'basic', objects: described } });
}

function reply(response: ServerResponse, { through }: LfsCall, answer: Answer): void {
  send(response, { ...answer, headers: { 'Content-Type': mediaType } }, through);
}

const storage = ({ url }: Instance, { project, slug }: Repo, oid: string): string =>
  `${url}/rest/git-lfs/storage/${project.key}/${slug}/${oid}`;

function download(instance: Instance, repo: Repo, { oid, size }: BatchObject): object {
  if (!repo.lfs.objects.has(oid)) return { oid, size, error: { code: 404, message: 'Object does not exist' } };
  const disposition = encodeURIComponent(`attachment; filename="${oid}"`);
  const href = `${storage(instance, repo, oid)}?response-content-disposition=${disposition}`;
  return { oid, size, authenticated: true, actions: { download: { href } } };
}

function upload(instance: Instance, repo: Repo, { oid, size }: BatchObject): object {
  if (repo.lfs.objects.has(oid)) return { oid, size, authenticated: true };
  return { oid, size, authenticated: true, actions: { upload: { href: storage(instance, repo, oid) } } };
}
