import type { ArchiveOf } from '../archive/page.ts';

/** What is what, for somebody who finds the folder years later. */
export function readme({ projectKey, slug, server, snapshotId, takenAt }: ArchiveOf): string {
  return `${projectKey}/${slug} as it was on ${takenAt}, backed up from ${server} (snapshot ${snapshotId}).

The folder above this one is the repository itself, bare: "git clone" it, or "git push --mirror" it anywhere.
archive/index.html     pull requests and settings to read in a browser, without any network
metadata/KIND.json     each kind of setting as Bitbucket's REST API gave it
metadata/pull-requests/N.json   each pull request with its activities, the newest first; index.json lists them
metadata/attachments/  files attached to texts; "attachment:REPO/ID" in a text is the "id" of index.json
metadata/lfs-objects.json       large files of Git LFS: "oid" and path, where the repository has any
metadata/kinds.json    which kinds are here, and why others are not
Nothing outside this folder names it: delete it, and the repository is none the worse.
`;
}
