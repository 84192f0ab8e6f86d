import { mkdirSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { pino } from 'pino';
import type { Logger } from 'pino';
import { redact } from './redact.ts';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';

/** What the parts of the agent write to. */
export type Log = Logger;

/** A log of the process, closed when it is disposed. */
export type OpenLog = Log & AsyncDisposable;

/** The log of one start is moved aside at the next when it has grown beyond this. */
const rotateAbove = 10 * 1024 * 1024;

/** A log that writes nothing. */
export const silentLog: Log = pino({ level: 'silent' });

/**
 * Opens `<home>/logs/agent.log`, one JSON object a line, for appending. Every line is redacted as a whole, as the last thing before it is
 * written: whatever a token stands in (message, object, name of a property, cause of an error), it does not reach the disk.
 * @param people where the same lines go in a form for people, e.g. stderr
 */
export function openLog({ home, level, people }: { home: string; level: LogLevel; people?: NodeJS.WritableStream }): OpenLog {
  const folder = join(home, 'logs');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const file = join(folder, 'agent.log');
  rotate(file);
  const destination = pino.destination({ dest: file, mode: 0o600, sync: true, maxLength: 4 * 1024 * 1024 });
  // A full disk costs log lines, not the agent: neither an error nor, beyond maxLength, memory.
  destination.on('error', () => undefined);
  let open = true;
  const toFile = { write: (line: string) => void (open && destination.write(line)) };
  const targets = people === undefined ? [toFile] : [toFile, forPeople(people)];
  const log = pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      hooks: { streamWrite: redact },
    },
    pino.multistream(targets.map((stream) => ({ level: 'debug', stream }))),
  );
  return Object.assign(log, {
    [Symbol.asyncDispose]: async () => {
      open = false; // a child of this log may still say something
      destination.end();
    },
  });
}

function rotate(file: string): void {
  const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  if (size > rotateAbove) renameSync(file, `${file}.1`);
}

/** `12:30:05 warn  the message {the rest}`, the time in UTC */
function forPeople(out: NodeJS.WritableStream): { write(line: string): void } {
  return {
    write: (line) => {
      const { time, level, msg, err, ...rest }: Record<string, unknown> = JSON.parse(line);
      // Stacks and causes are in the file.
      const error = isRecord(err) && typeof err['message'] === 'string' ? `: ${err['message']}` : '';
      const more = Object.keys(rest).length === 0 ? '' : ` ${JSON.stringify(rest)}`;
      out.write(`${String(time).slice(11, 19)} ${String(level).padEnd(5)} ${typeof msg === 'string' ? msg : ''}${error}${more}\n`);
    },
  };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
