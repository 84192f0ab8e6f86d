import { asAppError, type ErrorCode } from '@gitprotect/shared/errors';
import type { Finding, FindingArea } from '@gitprotect/shared/finding';

export const ok = (area: FindingArea, message: string): Finding => ({ area, state: 'ok', message, remedy: null });

export const warning = (area: FindingArea, message: string, remedy: string | null): Finding => ({
  area,
  state: 'warning',
  message,
  remedy,
});

export const problem = (area: FindingArea, message: string, remedy: string | null): Finding => ({
  area,
  state: 'problem',
  message,
  remedy,
});

/** What went wrong while something was looked at. */
export function failed(area: FindingArea, error: unknown): Finding {
  const { message, remedy } = asAppError(error);
  return problem(area, message, remedy ?? null);
}

/** The area of an error that kept the agent's parts from opening at all. */
export function areaOf(code: ErrorCode): FindingArea {
  if (code === 'vault-insecure') return 'home';
  if (code.startsWith('vault-')) return 'vault';
  if (code.startsWith('database-')) return 'database';
  if (code.startsWith('storage-')) return 'storage';
  return code === 'config-invalid' ? 'settings' : 'agent';
}
