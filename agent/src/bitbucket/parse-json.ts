import { AppError } from '@gitprotect/shared/errors';
import * as v from 'valibot';
import type { RawAnswer } from './exchange.ts';

/**
 * The body of a successful answer as `schema` wants it. Fields the schema does not name survive where it is loose. An answer that is said to
 * have no content (204) is `null`.
 * @throws AppError `server-bad-answer` that says what came instead, or which field is missing
 */
export function parseJson<S extends v.GenericSchema>(answer: RawAnswer, schema: S): v.InferOutput<S> {
  const { host, pathname } = new URL(answer.url);
  if (answer.status === 204) return checked(null, answer.url, schema);
  const type = answer.headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase() ?? '';
  if (type !== 'application/json') {
    const what = type === 'text/html' ? 'a web page (a sign-in page, perhaps)' : type === '' ? 'nothing readable' : type;
    throw new AppError('server-bad-answer', `${host} answered ${pathname} with ${what} instead of JSON`, {
      remedy: 'check the address of the server, its context path included, and whether a proxy or sign-in page stands before it',
      facts: { contentType: type },
    });
  }
  let json: unknown;
  try {
    json = JSON.parse(answer.body);
  } catch (error) {
    throw new AppError('server-bad-answer', `${host} answered ${pathname} with broken JSON`, { cause: error, remedy: 'try again' });
  }
  return checked(json, answer.url, schema);
}

function checked<S extends v.GenericSchema>(json: unknown, url: string, schema: S): v.InferOutput<S> {
  const { host, pathname } = new URL(url);
  const parsed = v.safeParse(schema, json);
  if (parsed.success) return parsed.output;
  const [issue] = parsed.issues;
  const field = v.getDotPath(issue) ?? 'the answer';
  throw new AppError('server-bad-answer', `${host} answered ${pathname} without what it needs: ${field}: ${issue.message}`, {
    remedy: 'report this together with the version of Bitbucket',
  });
}
