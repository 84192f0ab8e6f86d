import { AppError, asAppError } from '@gitprotect/shared/errors';
import { type Call, type Caller, mayCall, type Method, methods, type ParsedParams, type Result } from '@gitprotect/shared/protocol';
import * as v from 'valibot';

/** What the agent does for each call. `caller` is as far true as the session's kind allows. */
export type Handlers = { readonly [M in Method]: (params: ParsedParams<M>, caller: Caller) => Promise<Result<M>> };

/**
 * Makes one call: it must exist, the caller must be allowed to make it, and its parameters must fit. Of what the handler returns only
 * what the schema names goes on, so nothing secret leaves by accident.
 * @throws AppError `bad-request` naming the field, `not-allowed`, or the handler's own
 */
export async function dispatch(handlers: Handlers, method: string, params: unknown, caller: Caller): Promise<unknown> {
  if (!isMethod(method)) throw new AppError('bad-request', `there is no call “${method.slice(0, 60)}”`, { remedy: 'update the agent' });
  if (!mayCall(caller, method)) throw new AppError('not-allowed', `${method} cannot be called from ${places[caller.kind]}`);
  return run(handlers, method, params, caller);
}

/** The same calls without a connection: for commands that run while no agent does. */
export function inProcess(handlers: Handlers): Call {
  return async (method, params) => {
    if (!mayCall({ kind: 'cli' }, method)) throw new AppError('not-allowed', `${method} cannot be called from ${places.cli}`);
    return run(handlers, method, params, { kind: 'cli' });
  };
}

const places = { page: 'a page of Bitbucket', management: 'a page of the extension', cli: 'the command line' } as const;

function isMethod(name: string): name is Method {
  return Object.hasOwn(methods, name);
}

async function run<M extends Method>(handlers: Handlers, method: M, params: unknown, caller: Caller): Promise<Result<M>> {
  const parsed = v.safeParse(methods[method].params, params);
  if (!parsed.success)
    throw new AppError('bad-request', fault(parsed.issues[0]), {
      remedy: 'correct it and try again; nothing was changed',
      facts: { method },
    });
  let result: unknown;
  try {
    result = await handlers[method](parsed.output, caller);
  } catch (error) {
    throw asAppError(error);
  }
  const stripped = v.safeParse(methods[method].result, result);
  if (!stripped.success) {
    // The issue itself holds the value, which may be a secret: only its place is told.
    throw new AppError('internal', 'internal error', {
      cause: new Error(`the result of ${method} is not as declared: ${fault(stripped.issues[0])}`),
    });
  }
  return stripped.output;
}

/** What is wrong with a value, by its path and never with the value itself. */
function fault(issue: v.BaseIssue<unknown>): string {
  const path = v.getDotPath(issue) ?? 'the parameters';
  if (issue.received === 'undefined') return `${path} is missing`;
  if (issue.expected === 'never') return `${path} is not known`;
  return `${path} ${issue.message.startsWith('Invalid ') ? `must be ${issue.expected ?? 'valid'}` : issue.message}`;
}
