import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { AppError } from '@gitprotect/shared/errors';
import { chromeExtensionId } from '@gitprotect/shared/extension-id';
import type { Settings } from './settings.ts';
import { checkSettings } from './settings.ts';
import { requirePrivate } from './lib/private-file.ts';
import { Secret } from './lib/secret.ts';

/** How the agent is set up. Without any secret: it may be printed and logged. Paths are absolute, times in seconds. */
export interface Config {
  readonly home: string;
  readonly port: number;
  readonly storageFolder: string;
  readonly vault: 'auto' | 'keychain' | 'sealed-file' | 'key-file';
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error' | 'silent';
  /** Chrome ids of extensions that may connect: ours, and others for development. */
  readonly extensionIds: readonly string[];
  /** The most git fetches and REST requests at one time, for each server. */
  readonly politeness: { readonly fetches: number; readonly requests: number };
  /** Every repo is rebuilt from storage, and every object of it read, within so many days. */
  readonly drillDays: number;
  readonly verifyDays: number;
  /** The part of the environment that git cannot do without. */
  readonly machine: Readonly<Record<string, string>>;
  /** How long what is marked for removal waits. */
  readonly prune: { readonly graceDays: number };
  /** Connecting; until the head of an answer; silence within an answer. */
  readonly timeouts: { readonly connect: number; readonly headers: number; readonly stall: number };
}

/** What must never be printed. */
export interface ConfigSecrets {
  /** Opens a sealed vault. */
  readonly passphrase: Secret | null;
}

/** The part of the environment that means something to the agent. */
export interface RawEnvironment {
  readonly home: string;
  /** Where this user's own services are described. */
  readonly settingsFolder: string;
  /** systemd's folder of credentials for this service. */
  readonly credentialsDirectory: string | null;
  readonly passphrase: Secret | null;
  readonly extensionId: string | null;
  /** What programs that the agent starts need of the machine. */
  readonly machine: Readonly<Record<string, string>>;
  /** Settings as they are, unchecked. */
  readonly settings: Readonly<Record<string, unknown>>;
}

const variables = {
  port: 'GITPROTECT_PORT',
  storageFolder: 'GITPROTECT_STORAGE',
  vault: 'GITPROTECT_VAULT',
  logLevel: 'GITPROTECT_LOG_LEVEL',
  passphraseFile: 'GITPROTECT_PASSPHRASE_FILE',
} as const;

/** Reads the environment, the only place that does. An empty variable counts as not set. */
export function readEnvironment(env: NodeJS.ProcessEnv = process.env, platform: NodeJS.Platform = process.platform): RawEnvironment {
  const read = (name: string): string | null => env[name] || null;
  const given = Object.entries(variables).flatMap(([setting, name]) => {
    const text = read(name);
    if (text === null) return [];
    return [[setting, setting === 'port' ? Number(text) : text]];
  });
  const passphrase = read('GITPROTECT_PASSPHRASE');
  return {
    home: resolve(read('GITPROTECT_HOME') ?? join(platformFolder(read, platform), platform === 'linux' ? 'gitprotect' : 'GitProtect')),
    settingsFolder: settingsFolder(read, platform),
    credentialsDirectory: read('CREDENTIALS_DIRECTORY'),
    passphrase: passphrase === null ? null : new Secret(passphrase),
    extensionId: read('GITPROTECT_EXTENSION_ID'),
    machine: Object.fromEntries(['PATH', 'SystemRoot', 'TMPDIR', 'TEMP'].flatMap((name) => (env[name] ? [[name, env[name]]] : []))),
    settings: Object.fromEntries(given),
  };
}

function platformFolder(read: (name: string) => string | null, platform: NodeJS.Platform): string {
  const user = read('HOME') ?? homedir();
  if (platform === 'darwin') return join(user, 'Library', 'Application Support');
  if (platform === 'win32') return read('LOCALAPPDATA') ?? join(user, 'AppData', 'Local');
  return read('XDG_DATA_HOME') ?? join(user, '.local', 'share');
}

function settingsFolder(read: (name: string) => string | null, platform: NodeJS.Platform): string {
  const user = read('HOME') ?? homedir();
  if (platform === 'darwin') return join(user, 'Library');
  if (platform === 'win32') return platformFolder(read, platform);
  return read('XDG_CONFIG_HOME') ?? join(user, '.config');
}

/**
 * Puts the settings together: options of the command line before the environment, before `<home>/config.json`, before the defaults.
 * Changes nothing.
 * @param options settings from the command line, unchecked, by the names of `config.json`
 * @throws AppError `config-invalid` naming the file or variable, the setting and what is allowed; `vault-insecure` for a passphrase file others can read
 */
export async function loadConfig(
  raw: RawEnvironment,
  options: Readonly<Record<string, unknown>> = {},
): Promise<{ config: Config; secrets: ConfigSecrets }> {
  const { home } = raw;
  const file = await readConfigFile(join(home, 'config.json'));
  const fromEnvironment = withPaths(checkSettings(raw.settings, nameOfVariable), '.');
  const fromOptions = withPaths(
    checkSettings(
      Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)),
      (setting) => `option --${setting.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`,
    ),
    '.',
  );
  const set: Settings = { ...withPaths(file, home), ...fromEnvironment, ...fromOptions };
  const development = checkSettings(
    { extensionIds: raw.extensionId === null ? [] : [raw.extensionId] },
    () => 'environment variable GITPROTECT_EXTENSION_ID',
  );
  const config: Config = {
    home,
    port: set.port ?? 7717,
    storageFolder: set.storageFolder ?? join(home, 'storage'),
    vault: set.vault ?? 'auto',
    logLevel: set.logLevel ?? 'info',
    extensionIds: [...new Set([chromeExtensionId, ...(set.extensionIds ?? []), ...(development.extensionIds ?? [])])],
    machine: raw.machine,
    politeness: { fetches: 4, requests: 8, ...set.politeness },
    prune: { graceDays: 7, ...set.prune },
    drillDays: set.drillDays ?? 7,
    verifyDays: set.verifyDays ?? 7,
    timeouts: { connect: 10, headers: 300, stall: 120, ...set.timeouts },
  };
  const passphrase = await readPassphrase(raw, { option: fromOptions.passphraseFile, set: set.passphraseFile });
  return { config, secrets: { passphrase } };
}

function nameOfVariable(setting: string): string {
  const name = Object.entries(variables).find(([known]) => known === setting)?.[1];
  return `environment variable ${name ?? setting}`;
}

async function readConfigFile(file: string): Promise<Settings> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    // A home that is no folder is said to be one when it is made.
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')) return {};
    throw unreadable('settings', file, error);
  }
  return checkSettings(parse(text, file), (setting) => `${file}: ${setting === '' ? 'the file' : `"${setting}"`}`);
}

function parse(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new AppError('config-invalid', `${file} is not JSON: ${error instanceof Error ? error.message : 'unknown error'}`, {
      remedy: 'correct the file, or move it away to use the defaults; nothing was changed',
      cause: error,
    });
  }
}

/** Paths are relative to where they were said. */
function withPaths(settings: Settings, folder: string): Settings {
  const paths = ['storageFolder', 'passphraseFile'] as const;
  return {
    ...settings,
    ...Object.fromEntries(paths.flatMap((name) => (settings[name] === undefined ? [] : [[name, resolve(folder, settings[name])]]))),
  };
}

/** The passphrase from the first that is there: the command line's file, the environment, a file set elsewhere, systemd. */
async function readPassphrase(raw: RawEnvironment, files: { option: string | undefined; set: string | undefined }): Promise<Secret | null> {
  if (files.option === undefined && raw.passphrase !== null) return raw.passphrase;
  const file = files.option ?? files.set;
  if (file !== undefined) {
    const passphrase = await readSecret(file);
    await requirePrivate(file);
    return passphrase;
  }
  // systemd guards this folder itself, in part with access lists that file modes do not show.
  const credential = raw.credentialsDirectory === null ? null : join(raw.credentialsDirectory, 'gitprotect-passphrase');
  return credential !== null && existsSync(credential) ? readSecret(credential) : null;
}

async function readSecret(file: string): Promise<Secret> {
  try {
    return new Secret((await readFile(file, 'utf8')).replace(/\r?\n$/, ''));
  } catch (error) {
    throw unreadable('passphrase file', file, error);
  }
}

function unreadable(what: string, file: string, cause: unknown): AppError {
  return new AppError('config-invalid', `the ${what} ${file} cannot be read: ${cause instanceof Error ? cause.message : 'unknown error'}`, {
    remedy: 'see that the file exists and that the user the agent runs as may read it',
    cause,
  });
}
