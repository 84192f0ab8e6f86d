/** Who can put an error right: nobody need act, it is tried again; a person; or no one, the program stops there. */
export type Remedy = 'later' | 'user' | 'never';

/**
 * Every error code, and who can put it right. Retry decisions look at this table, never at a message.
 * Exit codes of the command line are derived from it in `exitCode`.
 */
export const errorCodes = {
  // what was asked for
  'bad-request': 'user',
  'not-found': 'user',
  'already-exists': 'user',
  'not-allowed': 'user',
  'bad-schedule': 'user',
  'plan-empty': 'user',
  'plan-running': 'later',
  'outside-window': 'user',
  cancelled: 'user',
  // the Bitbucket server
  'server-unreachable': 'later',
  'server-busy': 'later',
  'server-error': 'later',
  'server-not-bitbucket': 'user',
  'server-redirects': 'user',
  'server-certificate': 'user',
  'server-needs-https': 'user',
  'server-bad-answer': 'later',
  'server-refused': 'user',
  throttled: 'later',
  // credentials
  'token-malformed': 'user',
  'token-rejected': 'user',
  'token-expired': 'user',
  'token-no-read': 'user',
  'token-no-write': 'user',
  'token-wrong-owner': 'user',
  'not-covered': 'user',
  'project-not-found': 'user',
  'repo-not-found': 'user',
  // git on the wire
  'git-bad-stream': 'later',
  'git-cut-stream': 'later',
  'git-stalled': 'later',
  'git-corrupt-pack': 'later',
  'git-refused': 'later',
  'git-moved': 'later',
  'git-damaged': 'later',
  'git-refs-vanished': 'user',
  'git-unsupported': 'never',
  'git-missing': 'user',
  'git-failed': 'user',
  // storage and backups
  'storage-full': 'user',
  'storage-read-only': 'user',
  'storage-missing': 'user',
  'storage-unreachable': 'later',
  'storage-refused': 'user',
  'storage-exists': 'never',
  'storage-corrupt': 'user',
  'storage-foreign': 'user',
  'backup-damaged': 'user',
  'mass-change': 'user',
  'folder-not-empty': 'user',
  'repo-not-empty': 'user',
  // vault, database, configuration, agent
  'vault-locked': 'user',
  'vault-passphrase': 'user',
  'vault-unavailable': 'user',
  'vault-insecure': 'user',
  'vault-damaged': 'user',
  'config-invalid': 'user',
  'database-newer': 'user',
  'database-corrupt': 'user',
  'port-in-use': 'user',
  'agent-running': 'user',
  'agent-not-running': 'user',
  'service-not-started': 'user',
  // the channel
  'not-paired': 'user',
  'pairing-expired': 'user',
  'pairing-wrong': 'user',
  'not-your-agent': 'user',
  'protocol-version': 'user',
  'connection-lost': 'later',
  internal: 'never',
} as const satisfies Record<string, Remedy>;

export type ErrorCode = keyof typeof errorCodes;

/** Whether a code that came from elsewhere is one of ours. */
export function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(errorCodes, code);
}

/** Facts beside a message: names and figures, never a secret. */
export type ErrorFacts = Readonly<Record<string, string | number | boolean>>;

/** What crosses the channel and is stored in a run's record: no stack, no cause, no secret. */
export interface ErrorReport {
  readonly code: ErrorCode;
  /** What happened, naming the thing it happened to. */
  readonly message: string;
  /** What to do next, as an instruction. */
  readonly remedy?: string | undefined;
}

/** The one error class of ours. The message names the input; `remedy` says what a person does next. */
export class AppError extends Error {
  override readonly name = 'AppError';
  readonly code: ErrorCode;
  readonly remedy: string | undefined;
  readonly facts: ErrorFacts;

  constructor(code: ErrorCode, message: string, more: { remedy?: string; facts?: ErrorFacts; cause?: unknown } = {}) {
    super(message, more.cause === undefined ? undefined : { cause: more.cause });
    this.code = code;
    this.remedy = more.remedy;
    this.facts = more.facts ?? {};
  }
}

/** Who can put an error right. A function, so that pages which never ask go without the table. */
export function fixedBy({ code }: Pick<AppError, 'code'>): Remedy {
  return errorCodes[code];
}

/** Anything caught, as an `AppError`: what is not ours becomes `internal` and keeps its cause for the log. */
export function asAppError(error: unknown): AppError {
  if (error instanceof AppError) return error;
  return new AppError('internal', 'internal error', { cause: error, remedy: 'look in the agent log for the details and report it' });
}

/** The part of an error that may leave the process. */
export function reportOf(error: unknown): ErrorReport {
  const { code, message, remedy } = asAppError(error);
  return remedy === undefined ? { code, message } : { code, message, remedy };
}

/** An `AppError` made again from a report, at the other end of the channel. */
export function fromReport({ code, message, remedy }: ErrorReport): AppError {
  return new AppError(code, message, remedy === undefined ? {} : { remedy });
}

/** Exit codes of the command line: 0 ok, 1 error, 3 some repos failed, 4 all saved but a copy or check failed, 10 no storage, 11 vault locked, 12 wrong passphrase. */
export function exitCode(code: ErrorCode): number {
  switch (code) {
    case 'storage-missing':
      return 10;
    case 'vault-locked':
      return 11;
    case 'vault-passphrase':
      return 12;
    default:
      return 1;
  }
}
