import * as v from 'valibot';

/** The kinds of those who ask: see `Caller` in `protocol.ts`. */
export type From = 'page' | 'management' | 'cli';

/** No parameters, or nothing to say. */
export const nothing = v.strictObject({});

/** Who may make a call, what goes in, what comes out. */
export const method = <P extends v.GenericSchema, R extends v.GenericSchema>(from: readonly From[], params: P, result: R) => ({
  from,
  params,
  result,
});

/** The person whose agent it is, in a browser or a terminal. */
export const owner = ['management', 'cli'] as const;
export const cli = ['cli'] as const;
