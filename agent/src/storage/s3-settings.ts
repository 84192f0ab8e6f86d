import type { Secret } from '../lib/secret.ts';

/** How long, and against whom, what is written cannot be removed. In COMPLIANCE mode not even by the bucket's owner. */
export interface ObjectLock {
  readonly mode: 'GOVERNANCE' | 'COMPLIANCE';
  readonly days: number;
}

/** Where in which S3 server a storage lies, and how it writes. */
export interface S3Settings {
  readonly bucket: string;
  /** Before every name: `''`, or ends with a slash. */
  readonly prefix: string;
  readonly region: string;
  /** URL of a server that is not Amazon's, else `null`. */
  readonly endpoint: string | null;
  /** The bucket in the path, not in the host name. */
  readonly pathStyle: boolean;
  /** PEM of its own certificate authority. */
  readonly ca: string | null;
  /** Encryption by the server, on top of ours: `kmsKey` `null` takes the bucket's key. */
  readonly encryption: { readonly kind: 'AES256' } | { readonly kind: 'aws:kms'; readonly kmsKey: string | null } | null;
  readonly lock: ObjectLock | null;
}

/** Whose rights: a pair of keys; or those that the machine itself has, from the environment or its role. */
export type S3Access =
  | { readonly kind: 'keys'; readonly accessKeyId: string; readonly secretAccessKey: Secret }
  | { readonly kind: 'machine' };

/** How messages name it: `s3://bucket/prefix`, and the server where it is not Amazon's. */
export function s3Place({ bucket, prefix, endpoint }: S3Settings): string {
  const address = `s3://${bucket}/${prefix}`.replace(/\/$/, '');
  return endpoint === null ? address : `${address} at ${endpoint}`;
}
