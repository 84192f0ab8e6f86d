import { createHash } from 'node:crypto';
import { BitbucketError, invalid } from '../errors.ts';
import { admin, read, write } from '../permissions.ts';
import { body, noContent, type Call, type Routes } from '../router.ts';
import { requireRepo, requireUser } from './access.ts';

const storage = '/rest/git-lfs/storage/{projectKey}/{repositorySlug}/{oid}';
const enabled = '/rest/git-lfs/admin/projects/{projectKey}/repos/{repositorySlug}/enabled';

async function store(call: Call) {
  const repo = requireRepo(call, write);
  const content = await body(call.request);
  const oid = createHash('sha256').update(content).digest('hex');
  if (oid !== call.params['oid']) throw invalid('oid', 'The content is not what its oid says.');
  repo.lfs.objects.set(oid, content);
  return { status: 200 };
}

function set(call: Call, on: boolean) {
  requireUser(call);
  requireRepo(call, admin).lfs.enabled = on;
  return noContent();
}

/** The object store batch answers point at, and the undocumented switch: 200 is on, 404 off. */
export const lfsRoutes: Routes = {
  [`GET ${storage}`]: (call) => {
    const content = requireRepo(call, read).lfs.objects.get(call.params['oid'] ?? '');
    if (content === undefined) throw new BitbucketError(404, []);
    return { status: 200, body: content, headers: { 'Content-Type': 'application/octet-stream' } };
  },
  [`PUT ${storage}`]: store,
  [`GET ${enabled}`]: (call) => {
    requireUser(call);
    return { status: requireRepo(call, read).lfs.enabled ? 200 : 404 };
  },
  [`PUT ${enabled}`]: (call) => set(call, true),
  [`DELETE ${enabled}`]: (call) => set(call, false),
};
