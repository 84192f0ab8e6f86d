import { AppError } from '@gitprotect/shared/errors';
import type { S3Settings } from './s3-settings.ts';

/** What was asked of which bucket. */
export interface S3Attempt {
  readonly settings: S3Settings;
  readonly place: string;
  /** In words: `servers/… could not be written`. */
  readonly what: string;
}

/** The server's name for an error, and the HTTP status; empty and 0 where there was no answer. */
export function s3Answer(error: unknown): { readonly name: string; readonly status: number } {
  if (!(error instanceof Error)) return { name: '', status: 0 };
  const metadata: unknown = '$metadata' in error ? error.$metadata : undefined;
  const status = typeof metadata === 'object' && metadata !== null && 'httpStatusCode' in metadata ? metadata.httpStatusCode : 0;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : error.name;
  return { name: status === 0 || status === undefined ? code : error.name, status: typeof status === 'number' ? status : 0 };
}

const wrongKeys = new Set([
  'InvalidAccessKeyId',
  'SignatureDoesNotMatch',
  'ExpiredToken',
  'InvalidToken',
  'CredentialsProviderError',
  'TokenRefreshRequired',
]);
const elsewhere = new Set([
  'PermanentRedirect',
  'TemporaryRedirect',
  'AuthorizationHeaderMalformed',
  'IllegalLocationConstraintException',
  '301',
  '307',
]);
const full = new Set(['QuotaExceeded', 'XMinioStorageFull', 'StorageFull', 'TooManyBuckets', 'XAmzStorageQuotaExceeded']);
const certificate = /^(?:CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_(?:GET|VERIFY)|ERR_TLS_CERT|HOSTNAME_MISMATCH)/;

/** An error of S3 in words of storage, naming bucket and server; ours as it is. Codes as Amazon documents them under “Error responses”. */
export function s3Error(error: unknown, attempt: S3Attempt): AppError {
  if (error instanceof AppError) return error;
  const { settings, place, what } = attempt;
  const { name, status } = s3Answer(error);
  const more = { cause: error, facts: { place, status, answer: name } };
  const refused = (why: string, remedy: string) => new AppError('storage-refused', `${place}: ${what}: ${why}`, { remedy, ...more });
  if (wrongKeys.has(name))
    return refused(
      `the keys were not accepted (${name})`,
      `store them again: gitprotect-agent storage add … --keys-stdin; they must belong to the server of ${place}`,
    );
  if (name === 'RequestTimeTooSkewed') return refused('the clocks differ too much', 'set the clock of this machine');
  if (certificate.test(name))
    return refused(`its certificate is not trusted (${name})`, 'give the file of its certificate authority: --ca FILE');
  if (elsewhere.has(name) || status === 301)
    return refused(`the bucket is not in the region ${settings.region}`, `give the bucket’s own region (--region) or server (--endpoint)`);
  if (name === 'NoSuchBucket') {
    return new AppError('storage-missing', `${place}: there is no bucket ${settings.bucket}`, {
      remedy: 'make the bucket, or correct name, region and endpoint',
      ...more,
    });
  }
  if (full.has(name) || status === 507)
    return new AppError('storage-full', `${place} is full: ${what}`, {
      remedy: 'raise its quota, or keep fewer snapshots and prune; earlier backups are untouched',
      ...more,
    });
  if (status === 403) {
    return new AppError('storage-read-only', `${place}: ${what}: it was refused (${name})`, {
      remedy: `let these keys do s3:GetObject, s3:PutObject, s3:DeleteObject and s3:AbortMultipartUpload on ${settings.bucket}/*, and s3:ListBucket on ${settings.bucket}`,
      ...more,
    });
  }
  if (status >= 400 && status < 500 && ![408, 409, 425, 429].includes(status))
    return refused(
      `the server answered ${status} ${name}`,
      'look whether it is an S3 server that takes what was asked for; docs/operating.md names what is needed',
    );
  return new AppError('storage-unreachable', `${place} does not answer: ${what} (${name === '' ? 'no answer' : name})`, {
    remedy: `check that ${settings.endpoint ?? `Amazon S3 in ${settings.region}`} can be reached from here; backups go on by themselves when it can`,
    ...more,
  });
}
