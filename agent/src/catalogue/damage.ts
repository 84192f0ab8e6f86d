import { AppError } from '@gitprotect/shared/errors';

/** An error about an object's bytes, as damage of the backup; a storage that does not answer is something else. */
export function asDamage(object: string, error: AppError): AppError {
  switch (error.code) {
    case 'not-found':
    case 'storage-corrupt':
    case 'storage-foreign':
    case 'backup-damaged':
    case 'git-corrupt-pack':
      return new AppError('backup-damaged', error.message, {
        remedy: error.remedy ?? 'put the object back from a copy of the storage',
        facts: { object },
        cause: error,
      });
    default:
      return error;
  }
}
