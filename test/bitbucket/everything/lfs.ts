import { addCommits } from '../history.ts';
import { addLfsObject } from '../lfs.ts';
import { lfsPointer } from '../lfs-pointer.ts';
import { lose } from '../lfs-faults.ts';
import type { Repo } from '../model.ts';
import { git } from '../repository.ts';
import type { Simulator } from '../simulator.ts';

export interface FilledLfs {
  /** Oids of the objects a tip's files point at. */
  readonly current: readonly string[];
  /** Only an old commit points at it. */
  readonly old: string;
  /** Only a commit no branch or tag leads to points at it. */
  readonly unreachable: string;
  /** The server has lost it; `assets/lost.bin` points at it. */
  readonly missing: string;
}

/** A branch `large-files` whose history has LFS pointers: two current ones, an old one, one to a lost object; one more is in no history. */
export async function fillLfs(_simulator: Simulator, { repo }: { repo: Repo }): Promise<FilledLfs> {
  const put = (content: string | Buffer) => {
    const bytes = Buffer.from(content as string);
    const oid = addLfsObject(repo, bytes);
    return { oid, pointer: lfsPointer(oid, bytes.length) };
  };
  const [first, second] = [put(`first of ${repo.slug}\n`), put(Buffer.alloc(300_000, repo.slug))];
  const [old, missing, unreachable] = [put(`old of ${repo.slug}\n`), put(`lost of ${repo.slug}\n`), put(`nowhere of ${repo.slug}\n`)];
  const branch = 'large-files';
  await addCommits(repo, [
    { branch, files: { '.gitattributes': '*.bin filter=lfs diff=lfs merge=lfs -text\n', 'assets/first.bin': old.pointer } },
    { branch, files: { 'assets/first.bin': first.pointer, 'assets/ünïcode ✓.bin': second.pointer } },
    {
      branch,
      files: {
        'assets/lost.bin': missing.pointer,
        'assets/not-a-pointer.bin': 'version https://git-lfs.github.com/spec/v1\noid sha256:short\n',
      },
    },
    { branch: 'forgotten', files: { 'nowhere.bin': unreachable.pointer } },
  ]);
  await git(repo.folder, ['update-ref', '-d', 'refs/heads/forgotten']);
  lose(repo, missing.oid);
  return { current: [first.oid, second.oid], old: old.oid, unreachable: unreachable.oid, missing: missing.oid };
}
