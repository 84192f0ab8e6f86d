import { AppError } from '@gitprotect/shared/errors';

/** What an entry of the vault may be called: it stands in a line of a file and in names of the keychain. */
export function requireEntryId(id: string): void {
  if (/^[A-Za-z0-9][A-Za-z0-9_.:-]{0,127}$/.test(id)) return;
  throw new AppError('bad-request', `${JSON.stringify(id)} is not an id of a vault entry`);
}
