import { AppError } from '@gitprotect/shared/errors';

/** What the server has, or `null` when it says that it has no such thing. A repo or project that is gone still rejects. */
export async function ifFound<T>(asked: Promise<T>): Promise<T | null> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof AppError && error.code === 'not-found') return null;
    throw error;
  }
}
