import { asAppError } from '@gitprotect/shared/errors';

/** What `check` complains about, with its remedy; `undefined` when it does not. */
export function reasonOf(check: () => unknown): string | undefined {
  try {
    check();
    return undefined;
  } catch (error) {
    const { message, remedy } = asAppError(error);
    const start = message.charAt(0).toUpperCase() + message.slice(1);
    return remedy === undefined ? start : `${start}: ${remedy}`;
  }
}
