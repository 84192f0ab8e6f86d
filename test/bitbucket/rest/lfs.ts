import { createHash } from 'node:crypto';
import { BitbucketError, invalid, notPermitted, wrongCredentials } from '../errors.ts';
import type { Repo } from '../model.ts';
import { admin, type Level, read, write } from '../permissions.ts';
import { type Answer, body, noContent, type Call, jsonBody, type Routes } from '../router.ts';
import { requireRepo, requireUser } from './access.ts';

const storage = '/rest/git-lfs/storage/{projectKey}/{repositorySlug}/{oid}';
const enabled = '/rest/git-lfs/admin/projects/{projectKey}/repos/{repositorySlug}/enabled';

/** The repository of an object's address. Where the batch hands out passes, nothing else opens it. */
function requireStore(call: Call, needed: Level): Repo {
  const repo = requireRepo(call, needed);
  const pass = call.request.headers.authorization?.startsWith('JWT ') === true;
  if (repo.lfs.faults.ownAuthorization && !pass) throw wrongCredentials();
  return repo;
}

const missing = () => new BitbucketError(404, []);

function fetchObject(call: Call): Answer {
  const { objects, faults } = requireStore(call, read).lfs;
  const oid = call.params['oid'] ?? '';
  const content = faults.vanished.has(oid) ? undefined : objects.get(oid);
  if (content === undefined) throw missing();
  const sent = faults.altered.has(oid) ? altered(content) : content;
  return { status: 200, body: sent, headers: { 'Content-Type': 'application/octet-stream' } };
}

function altered(content: Buffer): Buffer {
  const other = Buffer.from(content);
  other[0] = (other[0] ?? 0) ^ 1;
  return other;
}

/** Takes the object when it is what its oid says. */
async function store(call: Call): Promise<Answer> {
  const repo = requireStore(call, write);
  if (!repo.lfs.enabled) throw missing();
  if (repo.archived) throw notPermitted();
  const content = await body(call.request);
  const oid = createHash('sha256').update(content).digest('hex');
  if (oid !== call.params['oid']) throw invalid('oid', 'The content is not what its oid says.');
  repo.lfs.objects.set(oid, content);
  return { status: 200 };
}

/** Whether an upload arrived, asked by the client with oid and size. */
async function verify(call: Call): Promise<Answer> {
  const repo = requireStore(call, write);
  const { oid, size } = await jsonBody(call);
  if (typeof oid !== 'string' || repo.lfs.objects.get(oid)?.length !== size) throw missing();
  return { status: 200 };
}

function set(call: Call, on: boolean) {
  requireUser(call);
  const repo = requireRepo(call, admin);
  repo.lfs.enabled = on;
  return noContent();
}

/** The object store batch answers point at, and the undocumented switch: 200 is on, 404 off. */
export const lfsRoutes: Routes = {
  [`GET ${storage}`]: fetchObject,
  [`PUT ${storage}`]: store,
  [`POST ${storage}`]: verify,
  [`GET ${enabled}`]: (call) => {
    requireUser(call);
    return { status: requireRepo(call, read).lfs.enabled ? 200 : 404 };
  },
  [`PUT ${enabled}`]: (call) => set(call, true),
  [`DELETE ${enabled}`]: (call) => set(call, false),
};
