import { connect } from 'node:tls';

/** What a person compares with the server's own record before trusting it. */
export interface Certificate {
  readonly subject: string;
  readonly issuer: string;
  /** SHA-256 of the certificate: pairs of hexadecimal digits with colons. */
  readonly fingerprint: string;
  readonly validUntil: string;
}

/**
 * The certificate served at a URL's host and port, trusted or not; `null` when no TLS is spoken there.
 * Only looks: nothing is sent over this connection, which is why it may go without verifying.
 */
export async function certificateAt(url: string, milliseconds: number): Promise<Certificate | null> {
  const { hostname, port, protocol } = new URL(url);
  const host = hostname.replace(/^\[|\]$/g, '');
  return new Promise((resolve) => {
    const socket = connect({
      host,
      port: port === '' ? (protocol === 'http:' ? 80 : 443) : Number(port),
      rejectUnauthorized: false,
      ...(/^[\d.]+$|:/.test(host) ? {} : { servername: host }),
    });
    const done = (certificate: Certificate | null) => {
      socket.destroy();
      resolve(certificate);
    };
    socket.setTimeout(milliseconds, () => done(null));
    socket.once('error', () => done(null));
    socket.once('close', () => done(null));
    socket.once('secureConnect', () => {
      const { subject, issuer, fingerprint256, valid_to: validUntil } = socket.getPeerCertificate();
      done({ subject: nameOf(subject), issuer: nameOf(issuer), fingerprint: fingerprint256, validUntil });
    });
  });
}

type Names = Readonly<Record<string, string | string[] | undefined>>;

function nameOf(names: Names): string {
  return Object.entries(names)
    .map(([key, value]) => `${key}=${Array.isArray(value) ? value.join('+') : (value ?? '')}`)
    .join(', ');
}
