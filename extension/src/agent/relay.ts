import { AppError, reportOf } from '@gitprotect/shared/errors';
import { type Caller, type Method, mayCall, methods } from '@gitprotect/shared/protocol';
import * as v from 'valibot';
import type { Answer, LocalMethod } from './messages.ts';
import { type Self, type Sender, identify } from './sender.ts';

const Question = v.object({ to: v.literal('gitprotect'), method: v.string(), params: v.unknown() });

/** The part of a `Local` method that the relay needs: who may use it is in its name, what it takes is in its schema. */
export interface LocalHandler {
  readonly params: v.GenericSchema;
  readonly answer: (params: unknown, from: Caller) => Promise<unknown>;
}

export interface RelayParts {
  readonly self: Self;
  /** Base URLs of the sites whose pages may ask. */
  readonly sites: () => Promise<readonly string[]>;
  /** Asks the agent. */
  readonly call: (method: Method, params: unknown, from: Caller) => Promise<unknown>;
  readonly local: Readonly<Record<LocalMethod, LocalHandler>>;
}

const isMethod = (name: string): name is Method => Object.hasOwn(methods, name);

function parse(schema: v.GenericSchema, params: unknown, method: string): unknown {
  const parsed = v.safeParse(schema, params);
  if (parsed.success) return parsed.output;
  throw new AppError('bad-request', `${method}: ${parsed.issues[0].message}`);
}

/** Content scripts live in pages that may be hostile: `page.*` and nothing else is open to them. */
function mayAskLocally(from: Caller, method: string): boolean {
  return from.kind === 'management' || method.startsWith('page.');
}

/**
 * The one door to the agent inside the browser. Decides by the browser's word on the sender, by the allow-list in the
 * protocol and by each call's schema, before anything is passed on. Answers `undefined` to messages that are not for us.
 */
export function relay({ self, sites, call, local }: RelayParts): (message: unknown, sender: Sender) => Promise<Answer> | undefined {
  const isLocal = (name: string): name is LocalMethod => Object.hasOwn(local, name);

  const decide = async (method: string, params: unknown, sender: Sender): Promise<unknown> => {
    const from = identify(sender, self, await sites());
    if (from === null)
      throw new AppError('not-allowed', 'this page may not ask GitProtect', { remedy: 'enable the site in the popup first' });
    if (isLocal(method)) {
      if (!mayAskLocally(from, method)) throw new AppError('not-allowed', `a page may not call ${method}`);
      const { params: schema, answer } = local[method];
      return answer(parse(schema, params, method), from);
    }
    if (!isMethod(method)) throw new AppError('bad-request', `there is no call ${method}`);
    if (!mayCall(from, method)) throw new AppError('not-allowed', `a ${from.kind} may not call ${method}`);
    return call(method, parse(methods[method].params, params, method), from);
  };

  return (message, sender) => {
    const question = v.safeParse(Question, message);
    if (!question.success) return undefined;
    const { method, params } = question.output;
    return decide(method, params, sender).then(
      (result): Answer => ({ ok: true, result }),
      (error: unknown): Answer => ({ ok: false, error: reportOf(error) }),
    );
  };
}
