import * as v from 'valibot';

/** An id that the agent made: short, printable, safe in a path. */
export const Id = v.pipe(v.string(), v.regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/, 'is not an id'));

/** A name a person gave: one line, without control characters. */
export const Name = v.pipe(
  v.string(),
  v.trim(),
  v.minLength(1, 'must not be empty'),
  v.maxLength(100, 'must not be longer than 100 characters'),
  v.regex(/^\P{Cc}+$/u, 'must be one line, without control characters'),
);

/** A time as ISO 8601 in UTC. */
export const Time = v.pipe(v.string(), v.isoTimestamp());

/** A whole number that is not negative, and not beyond what a number holds exactly: neither is a database's integer. */
export const Count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
