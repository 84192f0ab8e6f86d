import * as v from 'valibot';
import { Count, Id, Name, Time } from './text.ts';

const line = (what: string, longest = 255) =>
  v.pipe(
    v.string(),
    v.trim(),
    v.minLength(1, `${what} must not be empty`),
    v.maxLength(longest),
    v.regex(/^[\x21-\x7e]+$/, `${what} has characters that cannot be in it`),
  );
const Ca = v.nullable(v.pipe(v.string(), v.maxLength(60_000)));

/** A bucket of S3, or of a server that speaks like it. */
export const S3Storage = v.object({
  kind: v.literal('s3'),
  bucket: v.pipe(v.string(), v.regex(/^[A-Za-z0-9][A-Za-z0-9._-]{1,62}$/, 'is not the name of a bucket')),
  /** Before every name: empty, or ends with a slash. */
  prefix: v.pipe(
    v.string(),
    v.maxLength(200),
    v.regex(/^(?:[A-Za-z0-9_][A-Za-z0-9._-]*\/)*$/, 'must be words divided by /, with one at the end'),
  ),
  region: line('the region', 64),
  /** URL of a server that is not Amazon's. */
  endpoint: v.nullable(v.pipe(v.string(), v.maxLength(255), v.regex(/^https?:\/\/[^/\s@?#]+\/?$/, 'must be like https://s3.example.com'))),
  pathStyle: v.boolean(),
  ca: Ca,
  encryption: v.nullable(
    v.variant('kind', [
      v.object({ kind: v.literal('AES256') }),
      v.object({ kind: v.literal('aws:kms'), kmsKey: v.nullable(line('the key', 300)) }),
    ]),
  ),
  lock: v.nullable(
    v.object({ mode: v.picklist(['GOVERNANCE', 'COMPLIANCE']), days: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(36_500)) }),
  ),
  /** Whose rights: `null` takes those the machine has from its environment or role. */
  accessKeyId: v.nullable(line('the access key', 128)),
});

/** A folder of an SSH server. */
export const SftpStorage = v.object({
  kind: v.literal('sftp'),
  host: line('the host'),
  port: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(65_535)),
  user: line('the user', 64),
  folder: v.pipe(v.string(), v.minLength(1, 'the folder must not be empty'), v.maxLength(400)),
  /** The server's key, pinned: `SHA256:…` as `ssh-keygen -l` shows it. */
  hostKey: v.pipe(v.string(), v.regex(/^SHA256:[A-Za-z0-9+/]{43}$/, 'must be like SHA256:… with 43 characters, as ssh-keygen -l shows it')),
  login: v.picklist(['password', 'key']),
});

const FolderStorage = v.object({ kind: v.literal('folder'), folder: v.pipe(v.string(), v.minLength(1)) });

/** Where a storage is and how it is spoken to; without any secret. */
export const StorageSettings = v.variant('kind', [FolderStorage, S3Storage, SftpStorage]);
export type StorageSettings = v.InferOutput<typeof StorageSettings>;

/** What opens it: the secret access key, the password, or the private key and its passphrase. */
export const StorageSecret = v.pipe(v.string(), v.minLength(1), v.maxLength(20_000));

/** How far a copy is behind its original. */
export const CopyState = v.object({
  objects: Count,
  bytes: Count,
  /** Objects that were there when it was last looked at. */
  there: Count,
  /** Since when something is missing in it; `null` when nothing is. */
  behindSince: v.nullable(Time),
  /** When it was last seen whole. */
  wholeAt: v.nullable(Time),
  /** What was wrong the last time. */
  problem: v.nullable(v.string()),
});
export type CopyState = v.InferOutput<typeof CopyState>;

/** A storage as the pages and the terminal show it. */
export const StorageView = v.object({
  id: Id,
  name: Name,
  settings: StorageSettings,
  /** How messages name it. */
  place: v.string(),
  /** Backups go there. */
  inUse: v.boolean(),
  /** Plans whose backups are copied there, by name. */
  copyOf: v.array(v.string()),
  copy: v.nullable(CopyState),
});
export type StorageView = v.InferOutput<typeof StorageView>;

/** The storage that is there without being added: the folder that `storageFolder` names. */
export const defaultStorageId = 'default';
