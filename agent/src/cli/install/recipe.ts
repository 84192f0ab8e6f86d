import type { Program } from '../command.ts';

/** One program with its arguments. */
export type Step = readonly [string, ...string[]];

/** How this agent becomes a service of one system. */
export interface Recipe {
  /** The file that describes the service to the system. */
  readonly file: string;
  readonly content: string;
  /** How the content is written; Windows reads its own only in UTF-16. */
  readonly encoding: 'utf8' | 'utf16le';
  /** Makes the system read the file and start the service, now and at every login. */
  readonly start: readonly Step[];
  /** Ends the service and makes the system forget it; done before the file goes. */
  readonly stop: readonly Step[];
  /** After the file has gone. */
  readonly forget: readonly Step[];
  /** What a person should know once it is installed. */
  readonly notes: readonly string[];
}

/** In the first lines of every file that we write, and only those are written over or removed. */
export const marker = 'Written by "gitprotect-agent service install"';

const isLasting = (folder: string): boolean => folder !== '' && !/[/\\](?:node_modules|_npx)[/\\]/.test(folder);

/** The path without the folders that npx puts before all others: they need not outlive this call. */
export function lastingPath({ path, platform }: Pick<Program, 'path' | 'platform'>): string {
  const separator = platform === 'win32' ? ';' : ':';
  return path.split(separator).filter(isLasting).join(separator);
}

/** Text inside XML, in elements and attributes alike. */
export function xml(text: string): string {
  const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&apos;' };
  return text.replaceAll(/[&<>"']/g, (character) => entities[character] ?? character);
}
