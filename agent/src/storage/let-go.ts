import { AppError } from '@gitprotect/shared/errors';

/** Whether an object was removed. One that is locked stays until its time is over. */
export async function letGo(remove: () => Promise<void>): Promise<boolean> {
  try {
    await remove();
    return true;
  } catch (error) {
    if (error instanceof AppError && error.code === 'storage-read-only') return false;
    throw error;
  }
}
