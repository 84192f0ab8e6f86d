import { invalid, noDefaultBranch } from '../errors.ts';
import { pageOf } from '../paging.ts';
import { admin, read } from '../permissions.ts';
import { git, headOf, listRefs, resolveRef, type Ref } from '../repository.ts';
import { jsonBody, noContent, ok, type Call, type Routes } from '../router.ts';
import { requireRepo, requireUser } from './access.ts';

const short = (ref: string): string => ref.replace(/^refs\/(?:heads|tags)\//, '');

function branchJson({ name, oid }: Ref, head: string): object {
  // The published schema says `default`; the server sends `isDefault`.
  return { id: name, displayId: short(name), type: 'BRANCH', latestCommit: oid, latestChangeset: oid, isDefault: name === head };
}

/** `hash` is the tag object's own id, null for a lightweight tag. */
function tagJson({ name, oid, peeled }: Ref): object {
  const commit = peeled ?? oid;
  const hash = peeled === undefined ? null : oid;
  return { id: name, displayId: short(name), type: 'TAG', latestCommit: commit, latestChangeset: commit, hash };
}

async function list(call: Call, prefix: string, json: (ref: Ref) => object) {
  const repo = requireRepo(call, read);
  const filter = (call.query.get('filterText') ?? '').toLowerCase();
  const refs = (await listRefs(repo.folder, prefix)).filter(({ name }) => short(name).toLowerCase().includes(filter));
  if (call.query.get('orderBy') === 'ALPHABETICAL') refs.sort((a, b) => a.name.localeCompare(b.name));
  return ok(pageOf(refs.map(json), call.query, call.instance.pageLimit));
}

/** The configured default branch, which need not exist. 404 where none was chosen and nothing was pushed. */
async function defaultBranch(call: Call) {
  const repo = requireRepo(call, read);
  const head = await headOf(repo.folder);
  if (!repo.defaultBranchChosen && (await resolveRef(repo.folder, head)) === undefined) throw noDefaultBranch(repo);
  return ok({ id: head, displayId: short(head), type: 'BRANCH' });
}

/** The deprecated form: 204 for an empty repository, 404 where only the default branch is missing. */
async function oldDefaultBranch(call: Call) {
  const repo = requireRepo(call, read);
  const [head, branches] = await Promise.all([headOf(repo.folder), listRefs(repo.folder, 'refs/heads/')]);
  if (branches.length === 0) return noContent();
  const branch = branches.find(({ name }) => name === head);
  if (branch === undefined) throw noDefaultBranch(repo);
  return ok(branchJson(branch, head));
}

async function setDefaultBranch(call: Call) {
  requireUser(call);
  const repo = requireRepo(call, admin);
  const { id } = await jsonBody(call);
  if (typeof id !== 'string' || id === '') throw invalid('id', 'A branch is required.');
  await git(repo.folder, ['symbolic-ref', 'HEAD', id.startsWith('refs/') ? id : `refs/heads/${id}`]);
  repo.defaultBranchChosen = true;
  return noContent();
}

const base = '/rest/api/latest/projects/{projectKey}/repos/{repositorySlug}';

export const refRoutes: Routes = {
  [`GET ${base}/branches`]: async (call) => {
    const head = await headOf(requireRepo(call, read).folder);
    return list(call, 'refs/heads/', (ref) => branchJson(ref, head));
  },
  [`GET ${base}/tags`]: (call) => list(call, 'refs/tags/', tagJson),
  [`GET ${base}/default-branch`]: defaultBranch,
  [`PUT ${base}/default-branch`]: setDefaultBranch,
  [`GET ${base}/branches/default`]: oldDefaultBranch,
  [`PUT ${base}/branches/default`]: setDefaultBranch,
};
