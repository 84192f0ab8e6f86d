import * as v from 'valibot';
import { Finding } from './finding.ts';
import { cli, method, nothing, owner } from './method.ts';
import { S3Storage, SftpStorage, StorageSecret, StorageView } from './storage.ts';
import { Count, Id, Name } from './text.ts';

/** Calls about the places that backups lie in. No path of this machine comes from a page. */
export const storageMethods = {
  'storage.list': method(owner, nothing, v.array(StorageView)),
  /** Tried first, with what backups rely on; kept only if all of it holds. What opens it goes into the vault and is never told again. */
  'storage.add': method(
    owner,
    v.strictObject({
      name: Name,
      settings: v.variant('kind', [S3Storage, SftpStorage]),
      secret: v.optional(StorageSecret),
      passphrase: v.optional(StorageSecret),
    }),
    StorageView,
  ),
  'storage.add-folder': method(cli, v.strictObject({ name: Name, folder: v.string() }), StorageView),
  /** The key an SSH server shows, to be compared by a person and then pinned. */
  'storage.host-key': method(
    owner,
    v.strictObject({ host: SftpStorage.entries.host, port: SftpStorage.entries.port, user: SftpStorage.entries.user }),
    v.object({ hostKey: v.string() }),
  ),
  /** Tries in the storage itself what backups rely on. Leaves nothing there. */
  'storage.test': method(owner, v.strictObject({ id: Id }), v.array(Finding)),
  /** Backups go there from now on, and its snapshots are the ones listed. */
  'storage.use': method(owner, v.strictObject({ id: Id }), v.object({ snapshots: Count, repos: Count, damaged: v.array(v.string()) })),
  /** Puts back from the copies what is missing or damaged in the storage in use. Reads all of it. */
  'storage.repair': method(
    owner,
    nothing,
    v.object({ checked: Count, repaired: v.array(v.string()), lost: v.array(v.object({ name: v.string(), why: v.string() })) }),
  ),
  'storage.remove': method(owner, v.strictObject({ id: Id }), nothing),
} as const;
