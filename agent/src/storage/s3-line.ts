import { S3Client } from '@aws-sdk/client-s3';
import { s3Error } from './s3-error.ts';
import { s3Place, type S3Access, type S3Settings } from './s3-settings.ts';

/** The connection to one bucket. */
export interface S3Line {
  readonly settings: S3Settings;
  readonly place: string;
  readonly client: S3Client;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** The key of an object's name. */
  readonly keyOf: (name: string) => string;
  /** Runs one request: its errors in words of storage, `what` being what it is about; the signal's reason when that aborts. */
  readonly ask: <T>(what: string, request: (options: { abortSignal: AbortSignal }) => Promise<T>, signal: AbortSignal) => Promise<T>;
}

/** A request is given up after this long without a byte, and tried again. */
const silenceMilliseconds = 60_000;
const attempts = 5;

/** Requests fail at once when the network does, and are tried again with growing pauses: 500, 503, cut and silent connections. */
export function s3Line(
  settings: S3Settings,
  access: S3Access,
  { now, silence = silenceMilliseconds }: { now: () => number; silence?: number | undefined },
): S3Line {
  const place = s3Place(settings);
  const client = new S3Client({
    region: settings.region,
    forcePathStyle: settings.pathStyle,
    ...(settings.endpoint === null ? {} : { endpoint: settings.endpoint }),
    ...(access.kind === 'keys'
      ? { credentials: { accessKeyId: access.accessKeyId, secretAccessKey: access.secretAccessKey.reveal() } }
      : {}),
    // The newer checksums are not known to every server; what we send has a Content-MD5, which all know, and age and SHA-256 judge what we read.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    maxAttempts: attempts,
    requestHandler: {
      connectionTimeout: 10_000,
      socketTimeout: silence,
      httpsAgent: { keepAlive: true, maxSockets: 64, ...(settings.ca === null ? {} : { ca: settings.ca }) },
    },
  });
  return {
    settings,
    place,
    client,
    now,
    keyOf: (name) => settings.prefix + name,
    ask: async (what, request, signal) => {
      signal.throwIfAborted();
      try {
        return await request({ abortSignal: signal });
      } catch (error) {
        signal.throwIfAborted();
        throw s3Error(error, { settings, place, what });
      }
    },
  };
}
