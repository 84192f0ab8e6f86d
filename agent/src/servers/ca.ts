import { X509Certificate } from 'node:crypto';
import { AppError } from '@gitprotect/shared/errors';

const block = /-----BEGIN ([A-Z0-9 ]+)-----[^-]*-----END \1-----/g;

/**
 * The certificates in a PEM text, and nothing else of it.
 * @throws AppError `bad-request` when it holds none, a damaged one, or a private key
 */
export function parseCa(pem: string): string {
  const blocks = [...pem.matchAll(block)].map(([text, label]) => ({ text, label: label ?? '' }));
  if (blocks.some(({ label }) => label.includes('PRIVATE KEY'))) {
    throw new AppError('bad-request', 'the CA file holds a private key', {
      remedy: 'give the certificate alone, and keep the key where it was',
    });
  }
  const certificates = blocks.filter(({ label }) => label === 'CERTIFICATE');
  if (certificates.length === 0) {
    throw new AppError('bad-request', 'the CA file holds no certificate in PEM form', {
      remedy: 'give a file that begins with -----BEGIN CERTIFICATE-----',
    });
  }
  for (const { text } of certificates) {
    try {
      void new X509Certificate(text);
    } catch (error) {
      throw new AppError('bad-request', 'a certificate in the CA file is damaged', { remedy: 'export it again as PEM', cause: error });
    }
  }
  return `${certificates.map(({ text }) => text).join('\n')}\n`;
}
