import { AppError } from '@gitprotect/shared/errors';
import { certificateAt, type Certificate } from './certificate.ts';
import type { Timeouts } from './connections.ts';

/** Codes of Node and undici for a connection that broke after it was made. */
const cut = new Set(['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET', 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH']);
const silent = new Set(['UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT', 'UND_ERR_CONNECT_TIMEOUT', 'ETIMEDOUT']);

function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return '';
  if (error.name === 'TimeoutError') return 'ETIMEDOUT';
  return 'code' in error && typeof error.code === 'string' ? error.code : '';
}

/** The error for a request that got no HTTP answer. Looks at the port's certificate where that explains it. */
export async function connectionError(error: unknown, url: string, timeouts: Timeouts): Promise<AppError> {
  const code = codeOf(error);
  const { host, hostname, protocol } = new URL(url);
  if (/CERT|SELF_SIGNED|UNABLE_TO_VERIFY|INVALID_CA|INVALID_PURPOSE|HOSTNAME_MISMATCH/.test(code)) {
    return certificateError(code, host, await certificateAt(url, timeouts.connect), error);
  }
  if (protocol === 'https:' && (code === 'EPROTO' || code.startsWith('ERR_SSL'))) {
    return new AppError('server-needs-https', `${host} does not speak https at this port`, {
      remedy: 'give the address (and port) at which Bitbucket serves https',
      cause: error,
    });
  }
  if (protocol === 'http:' && (cut.has(code) || code.startsWith('HPE_')) && (await certificateAt(url, timeouts.connect)) !== null) {
    return new AppError('server-needs-https', `${host} speaks https, and the address says http`, {
      remedy: `use https://${host}`,
      cause: error,
    });
  }
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
    return new AppError('server-unreachable', `the name ${hostname} is not known to this machine`, {
      remedy: 'check the spelling of the address, and that this machine is in the right network',
      facts: { reason: code },
      cause: error,
    });
  }
  const what = code === 'ECONNREFUSED' ? 'refuses the connection' : silent.has(code) ? 'does not answer in time' : 'broke the connection';
  return new AppError('server-unreachable', `${host} ${what}${code === '' ? '' : ` (${code})`}`, {
    remedy: 'check that Bitbucket runs and that this machine may reach it',
    facts: { reason: cut.has(code) ? 'cut' : code },
    cause: error,
  });
}

const problems: Readonly<Record<string, readonly [what: string, remedy: string]>> = {
  CERT_HAS_EXPIRED: ['has expired', "renew the server's certificate, and check this machine's clock"],
  CERT_NOT_YET_VALID: ['is not valid yet', "check this machine's clock"],
  ERR_TLS_CERT_ALTNAME_INVALID: ['was issued for another name', 'use the name the certificate was issued for'],
};

function certificateError(code: string, host: string, certificate: Certificate | null, cause: unknown): AppError {
  const [what, remedy] = problems[code] ?? [
    'is signed by nobody this machine trusts',
    certificate === null
      ? 'give the certificate of its authority with --ca FILE'
      : `compare the SHA-256 fingerprint ${certificate.fingerprint} with the server's own, then give its certificate (or its authority's) with --ca FILE`,
  ];
  const shown = certificate === null ? '' : `: subject ${certificate.subject}; issuer ${certificate.issuer}`;
  return new AppError('server-certificate', `the certificate of ${host} ${what}${shown}`, {
    remedy,
    facts: { code, ...certificate },
    cause,
  });
}
