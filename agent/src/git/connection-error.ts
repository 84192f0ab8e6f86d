import { AppError } from '@gitprotect/shared/errors';

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

const unknownIssuer = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'CERT_UNTRUSTED',
]);
const closed = new Set(['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE', 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH']);
const silent = new Set(['UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT']);

/** Whether the connection broke before an answer: with a kept-alive socket that is an everyday thing, and worth one more try. */
export function isClosedConnection(error: unknown): boolean {
  return closed.has(codeOf(error));
}

function certificateProblem(code: string, url: string, cause: unknown): AppError | undefined {
  const host = new URL(url).host;
  if (unknownIssuer.has(code)) {
    return new AppError('server-certificate', `the certificate of ${host} (${url}) is signed by nobody this machine trusts`, {
      remedy: "get your company's CA certificate as a PEM file and add the server again with --ca FILE",
      cause,
    });
  }
  if (code === 'CERT_HAS_EXPIRED' || code === 'CERT_NOT_YET_VALID') {
    return new AppError(
      'server-certificate',
      `the certificate of ${host} (${url}) is ${code === 'CERT_HAS_EXPIRED' ? 'expired' : 'not valid yet'}`,
      {
        remedy: "renew the server's certificate, and check this machine's clock; --ca FILE does not help here",
        cause,
      },
    );
  }
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    return new AppError('server-certificate', `the certificate of ${host} (${url}) was issued for another name`, {
      remedy: 'add the server under a name its certificate holds; --ca FILE does not help here',
      cause,
    });
  }
  return undefined;
}

/** The error for a request that got no answer at all. */
export function noAnswer(error: unknown, url: string): AppError {
  const code = codeOf(error);
  const certificate = certificateProblem(code, url, error);
  if (certificate !== undefined) return certificate;
  if (silent.has(code)) return stalled(url, error);
  if (code === 'EPROTO' || code.startsWith('ERR_SSL')) {
    return new AppError('server-not-bitbucket', `${url}: the server does not speak https at this port`, {
      remedy: 'check host, port and http or https in the server URL',
      cause: error,
    });
  }
  if (url.startsWith('http:') && error instanceof Error && error.name === 'HTTPParserError') {
    return new AppError('server-needs-https', `${url}: what answers is not http; the server may speak only https at this port`, {
      remedy: 'add the server with an https address',
      cause: error,
    });
  }
  const reason = code === '' ? '' : ` (${code})`;
  return new AppError('server-unreachable', `${url} cannot be reached${reason}`, {
    remedy: 'check that the server runs and that this machine can reach it',
    cause: error,
  });
}

/** The error for an answer that broke off. */
export function brokenAnswer(error: unknown, url: string): AppError {
  if (silent.has(codeOf(error))) return stalled(url, error);
  return new AppError('git-cut-stream', `the connection to ${url} broke in the middle of the answer`, { cause: error });
}

function stalled(url: string, cause: unknown): AppError {
  return new AppError('git-stalled', `${url} stopped sending`, { cause });
}
