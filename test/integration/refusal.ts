import type { ErrorCode } from '@gitprotect/shared/errors';
import { expect } from 'vitest';
import { command, type Ended, type ProcessOptions } from '../command-line.ts';
import { stateOf } from '../home-state.ts';

/** How a command is expected to refuse. */
export interface Refusal {
  readonly args: readonly string[];
  readonly options?: ProcessOptions;
  readonly code: ErrorCode;
  /** 1, when absent. */
  readonly exitCode?: number;
  /** Names the input. */
  readonly says: string | RegExp;
  /** A next step that a person can take. */
  readonly remedy: string | RegExp;
  /** Tables in which something may be written down all the same. */
  readonly mayChange?: readonly string[];
}

/** Runs a command that must refuse: exit code, message and remedy as expected, in words and as JSON; and nothing in the home is changed. */
export async function expectRefusal(home: string, { args, options, mayChange, ...expected }: Refusal): Promise<void> {
  const before = stateOf(home, mayChange);
  const ended = await command(home, [...args, '--json'], options);
  const error = errorOf(ended);
  expect(error).toMatchObject({ code: expected.code });
  expect(error.message).toMatch(expected.says);
  expect(error.remedy).toMatch(expected.remedy);
  expect(ended.exitCode).toBe(expected.exitCode ?? 1);
  expect(stateOf(home, mayChange)).toEqual(before);
}

interface PrintedError {
  readonly code: string;
  readonly message: string;
  readonly remedy: string;
}

/** The error a command printed, the same for programs as for people; never the program's own inside. */
export function errorOf({ stdout, stderr }: Ended): PrintedError {
  const { error }: { error: PrintedError } = JSON.parse(stdout);
  expect(stderr).toContain(error.message);
  expect(`${stdout}${stderr}`).not.toMatch(/internal error|node:internal|\n\s+at |[A-Z]\w+Error\b|SQLITE_|\[object /);
  return error;
}
