import { AppError } from '@gitprotect/shared/errors';
import * as v from 'valibot';
import type { LogLevel } from './lib/log.ts';

const logLevels = ['debug', 'info', 'warn', 'error', 'silent'] as const satisfies readonly LogLevel[];

const number = (from: number, to: number, unit: string) => {
  const message = `must be a whole number ${unit}, from ${from} to ${to}`;
  return v.exactOptional(v.pipe(v.number(message), v.integer(message), v.minValue(from, message), v.maxValue(to, message)));
};

const oneOf = <const T extends readonly string[]>(words: T) => v.exactOptional(v.picklist(words, `must be one of: ${words.join(', ')}`));

const path = v.exactOptional(v.pipe(v.string('must be a path'), v.minLength(1, 'must be a path')));

const extensionId = 'must be a Chrome extension id: 32 letters from a to p';

/** What `config.json` may say. Its messages complete the sentence "<setting> …". */
const Settings = v.strictObject(
  {
    port: number(0, 65_535, 'of a port (0: any that is free)'),
    storageFolder: path,
    vault: oneOf(['auto', 'keychain', 'sealed-file', 'key-file']),
    logLevel: oneOf(logLevels),
    extensionIds: v.exactOptional(
      v.array(v.pipe(v.string(extensionId), v.regex(/^[a-p]{32}$/, extensionId)), 'must be a list of Chrome extension ids'),
    ),
    passphraseFile: path,
    drillDays: number(1, 365, 'of days'),
    verifyDays: number(1, 365, 'of days'),
    politeness: v.exactOptional(
      v.strictObject(
        { fetches: number(1, 100, 'of git fetches at one time'), requests: number(1, 100, 'of REST requests at one time') },
        'must be an object with "fetches" and "requests"',
      ),
    ),
    prune: v.exactOptional(
      v.strictObject({ graceDays: number(1, 365, 'of days, longer than any backup takes') }, 'must be an object with "graceDays"'),
    ),
    timeouts: v.exactOptional(
      v.strictObject(
        { connect: number(1, 3600, 'of seconds'), headers: number(1, 3600, 'of seconds'), stall: number(1, 3600, 'of seconds') },
        'must be an object with "connect", "headers" and "stall"',
      ),
    ),
  },
  'must be an object, like {"port": 7717}',
);
export type Settings = v.InferOutput<typeof Settings>;

/**
 * Settings from any source, checked.
 * @param nameOf what to call a setting in a message, e.g. `GITPROTECT_PORT`; gets its path like `politeness.fetches`, or '' for the whole
 * @throws AppError `config-invalid` naming every setting that is wrong and what it may be; never its value, which may be a secret
 */
export function checkSettings(input: unknown, nameOf: (path: string) => string): Settings {
  // An empty list would pass as an object without settings.
  const checked = v.safeParse(Settings, Array.isArray(input) ? null : input);
  if (checked.success) return checked.output;
  const problems = checked.issues.map((issue) => {
    const path = v.getDotPath(issue) ?? '';
    const unknown = issue.type === 'strict_object' && issue.expected === 'never';
    return `${nameOf(path)} ${unknown ? `is not a setting; there are: ${known(path)}` : issue.message}`;
  });
  throw new AppError('config-invalid', problems.join('; '), { remedy: 'correct the setting and start again; nothing was changed' });
}

/** The settings beside an unknown one. */
function known(path: string): string {
  const [first = '', inner] = path.split('.');
  if (inner === undefined) return Object.keys(Settings.entries).join(', ');
  const { politeness, prune, timeouts } = Settings.entries;
  const group = first === 'politeness' ? politeness : first === 'prune' ? prune : timeouts;
  return Object.keys(group.wrapped.entries).join(', ');
}
