import { mkdtempSync, readFileSync, readdirSync, statSync, symlinkSync, writeFileSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { AppError } from '@gitprotect/shared/errors';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Log } from './log.ts';
import { openLog } from './log.ts';
import { Secret } from './secret.ts';

const newHome = () => mkdtempSync(join(tmpdir(), 'gitprotect-log-'));

/** What `write` puts into a log, as one text: the file's and what people see. */
async function logged(write: (log: Log) => void): Promise<string> {
  const home = newHome();
  const people = new PassThrough();
  {
    await using log = openLog({ home, level: 'debug', people });
    write(log);
  }
  return readFileSync(join(home, 'logs', 'agent.log'), 'utf8') + String(people.read() ?? '');
}

/** Tokens as Bitbucket makes them: Base64 of 12 digits, a colon and 20 random bytes, with and without the prefix. */
const token = fc
  .tuple(fc.integer({ min: 0, max: 999_999_999_999 }), fc.uint8Array({ minLength: 20, maxLength: 20 }), fc.boolean())
  .map(([id, random, prefix]) => {
    const text = Buffer.concat([Buffer.from(`${String(id).padStart(12, '0')}:`), random]).toString('base64');
    return prefix ? `BBDC-${text}` : text;
  });

/** Every way we could think of to put a text into one log call. */
const calls: readonly ((log: Log, text: string) => void)[] = [
  (log, text) => log.info(text),
  (log, text) => log.warn('said %s and %j and %o', text, { text }, [text]),
  (log, text) => log.error({ deep: { list: [{ text }] } }, 'an object'),
  (log, text) => log.info({ [text]: 1 }, 'the name of a property'),
  (log, text) => log.error(new Error(text)),
  (log, text) => log.error({ err: new AppError('internal', 'outer', { cause: new Error('middle', { cause: new Error(text) }) }) }),
  (log, text) => log.error({ err: new AppError('internal', 'x', { remedy: text, facts: { text } }) }),
  (log, text) => log.error({ err: new AggregateError([new Error(text)], 'several') }),
  (log, text) => log.child({ text }).info('a child'),
  (log, text) => log.info({ url: `https://name:${text}@bitbucket/scm/x.git` }, 'a URL'),
  (log, text) => log.info({ headers: { authorization: `Bearer ${text}` } }),
  (log, text) => log.info(`Authorization: Basic ${Buffer.from(`robot-user0:${text}`).toString('base64')}`),
  (log, text) => log.info({ bytes: Buffer.from(text), more: [new Uint8Array(Buffer.from(text))] }),
  (log, text) => log.info({ body: JSON.stringify({ token: text, again: `line\n${text}\ttab` }) }),
  (log, text) => log.info({ body: JSON.stringify({ text }).replaceAll('/', '\\/') }),
  (log, text) => log.info({ body: encodeURIComponent(text) }),
  (log, text) => log.info({ secret: new Secret(text), map: { inner: new Secret(text) } }, '%s', new Secret(text)),
];

/** The token, and the forms it takes in URLs, numbers and Basic. */
const tracesOf = (text: string): string[] => {
  const bare = text.replace('BBDC-', '');
  return [bare, encodeURIComponent(bare), [...Buffer.from(bare)].join(','), Buffer.from(text).toString('base64').slice(4, -4)];
};

describe('the log', () => {
  test('writes no token, wherever in a call it stands and whatever stands around it', async () => {
    const around = fc.oneof(fc.constantFrom('', ' ', '\n', '"', '-', '/', 'token=', 'x', '\\n'), fc.string({ maxLength: 5 }));
    await fc.assert(
      fc.asyncProperty(token, around, around, fc.constantFrom(...calls), async (text, before, after, call) => {
        const out = await logged((log) => call(log, `${before}${text}${after}`));
        expect(out).not.toBe('');
        for (const trace of tracesOf(text)) expect(out).not.toContain(trace);
      }),
      { numRuns: 400 },
    );
  });

  test('writes no token of an unknown form that stands alone or behind Bearer', async () => {
    const text = 'Zz0/'.repeat(11);
    expect(await logged((log) => log.info(`a\n${text} b`))).not.toContain(text);
    expect(await logged((log) => log.info(`Bearer ${text.slice(1)}`))).not.toContain(text.slice(1));
  });

  test('stays JSON a line, and keeps what is not a secret', async () => {
    const home = newHome();
    {
      await using log = openLog({ home, level: 'info' });
      const sha256 = 'a'.repeat(64);
      log.info({ repo: 'ORCH/core', sha256, url: 'https://bitbucket:7990/scm/a@b' }, 'saved "it" with BBDC-%s', 'x'.repeat(44));
      log.debug('below the level');
    }
    const lines = readFileSync(join(home, 'logs', 'agent.log'), 'utf8')
      .trimEnd()
      .split('\n');
    expect(lines.map((line): unknown => JSON.parse(line))).toEqual([
      {
        level: 'info',
        time: expect.stringMatching(/^\d{4}-.*Z$/),
        repo: 'ORCH/core',
        sha256: 'a'.repeat(64),
        url: 'https://bitbucket:7990/scm/a@b',
        msg: 'saved "it" with [token]',
      },
    ]);
  });

  test('shows people the same in one readable line', async () => {
    const home = newHome();
    const people = new PassThrough();
    await using log = openLog({ home, level: 'info', people });
    log.warn({ repo: 'ORCH/core' }, 'throttled');
    expect(String(people.read())).toMatch(/^\d\d:\d\d:\d\d warn {2}throttled \{"repo":"ORCH\/core"\}\n$/);
  });

  test('takes what is said after it was closed, and drops it', async () => {
    const home = newHome();
    const log = openLog({ home, level: 'info' });
    const child = log.child({ part: 'run' });
    await log[Symbol.asyncDispose]();
    child.info('late');
    expect(readFileSync(join(home, 'logs', 'agent.log'), 'utf8')).toBe('');
  });

  test.skipIf(process.platform !== 'linux')('loses lines on a full disk, and the agent goes on', async () => {
    const home = newHome();
    mkdirSync(join(home, 'logs'));
    symlinkSync('/dev/full', join(home, 'logs', 'agent.log'));
    await using log = openLog({ home, level: 'info' });
    expect(() => log.info('lost')).not.toThrow();
    await setImmediate();
    expect(() => log.info('lost too')).not.toThrow();
  });

  test('is moved aside at start when it has grown large', async () => {
    const home = newHome();
    mkdirSync(join(home, 'logs'));
    writeFileSync(join(home, 'logs', 'agent.log'), 'x'.repeat(10 * 1024 * 1024 + 1));
    {
      await using log = openLog({ home, level: 'info' });
      log.info('new');
    }
    expect(readdirSync(join(home, 'logs')).toSorted()).toEqual(['agent.log', 'agent.log.1']);
    expect(statSync(join(home, 'logs', 'agent.log')).size).toBeLessThan(1000);
  });
});
