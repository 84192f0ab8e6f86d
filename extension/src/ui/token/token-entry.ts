import { type Credential, readToken } from '@gitprotect/shared/credential';

/** What is wrong with a pasted token, as far as its form tells; `undefined` when it may be sent. `wanted` is the id it must carry. */
export function tokenProblem(text: string, wanted?: string): string | undefined {
  const pasted = text.trim();
  if (pasted === '') return undefined;
  const read = readToken(pasted);
  if (read.form === 'not-a-token') {
    return 'This is not an HTTP access token: it has 44 characters, on newer servers behind “BBDC-”. Copy it whole.';
  }
  if (wanted !== undefined && read.form === 'token' && read.tokenId !== wanted) {
    return 'This is another token than the one whose button you pressed.';
  }
  return undefined;
}

/** A stored credential that is this very token, by the id inside it. */
export function alreadyStored(text: string, credentials: readonly Credential[]): Credential | undefined {
  const read = readToken(text);
  return read.form === 'token' ? credentials.find(({ tokenId }) => tokenId === read.tokenId) : undefined;
}

/** The end of a day that a person chose (`2027-02-01`), as the agent wants it; nothing chosen is nothing known. */
export function expiryOf(day: string): string | undefined {
  return day === '' ? undefined : new Date(`${day}T23:59:59`).toISOString();
}
