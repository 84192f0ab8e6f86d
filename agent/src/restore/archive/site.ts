import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { KindStates } from '@gitprotect/shared/metadata';
import type { Attachments } from './attachments.ts';
import { type Entry, entryOf } from './entry.ts';
import { fieldAt, listAt, textAt } from './field.ts';
import { indexPage } from './index-page.ts';
import { type Markdown, markdownWith } from './markdown.ts';
import type { ArchiveOf } from './page.ts';
import { pullRequestPage } from './pull-request-page.ts';
import { SearchFiles } from './search-files.ts';
import { elsewhere, settingsPage } from './settings-page.ts';
import { timeline } from './timeline.ts';

/** In the order they are joined: later ones win. */
const sheets = ['base', 'list', 'pull-request', 'text', 'narrow-and-print'];

/** What a site shows beside the pull requests it is given. */
export interface SiteParts {
  readonly of: ArchiveOf;
  /** Those that lie in the site's folder `attachments`. */
  readonly attachments: Attachments;
  /** `null`: a site without settings. */
  readonly kinds: KindStates | null;
}

/**
 * The offline archive: pages in a folder, which need nothing from anywhere. A pull request's page is written when its record comes; only what the
 * list says of it is held.
 */
export class Site {
  readonly #dir: string;
  readonly #parts: SiteParts;
  readonly #markdown: Markdown;
  readonly #search: SearchFiles;
  readonly #settings = new Map<string, unknown>();
  readonly #entries: Entry[] = [];

  private constructor(dir: string, parts: SiteParts) {
    this.#dir = dir;
    this.#parts = parts;
    this.#markdown = markdownWith(parts.attachments, '../attachments');
    this.#search = new SearchFiles(dir);
  }

  static async open(dir: string, parts: SiteParts): Promise<Site> {
    await mkdir(join(dir, 'pull-requests'), { recursive: true });
    const styles = await Promise.all(sheets.map((name) => readFile(new URL(`./site/${name}.css`, import.meta.url), 'utf8')));
    await writeFile(join(dir, 'archive.css'), styles.join('\n'));
    await copyFile(new URL('./site/archive.js', import.meta.url), join(dir, 'archive.js'));
    return new Site(dir, parts);
  }

  /** Takes a record; those of kinds that have no place in a site are let pass. */
  async add(kind: string, key: string, value: unknown): Promise<void> {
    if (kind === 'pull-requests') await this.#addPullRequest(key, value);
    else if (!elsewhere.has(kind)) this.#settings.set(kind, value);
  }

  /** Writes the list; gives the pull requests, the newest first. */
  async finish(): Promise<readonly Entry[]> {
    const { of, kinds } = this.#parts;
    this.#entries.sort((a, b) => (b.created ?? 0) - (a.created ?? 0) || Number(b.number) - Number(a.number) || 0);
    await this.#search.finish(this.#entries);
    await writeFile(join(this.#dir, 'index.html'), indexPage(of, kinds !== null));
    if (kinds !== null) await writeFile(join(this.#dir, 'settings.html'), settingsPage(of, kinds, this.#settings));
    return this.#entries;
  }

  async #addPullRequest(key: string, value: unknown): Promise<void> {
    const pullRequest = fieldAt(value, 'pullRequest');
    const happenings = timeline(listAt(value, 'activities'));
    const entry = entryOf(key, pullRequest, happenings);
    const view = { entry, pullRequest, happenings };
    const text = pullRequestPage(this.#parts.of, view, this.#markdown, this.#parts.kinds !== null);
    await writeFile(join(this.#dir, 'pull-requests', `${entry.file}.html`), text);
    const comments = happenings.flatMap(({ thread }) => thread?.comments ?? []);
    const said = [textAt(pullRequest, 'description'), ...comments.map(({ comment }) => textAt(comment, 'text'))];
    await this.#search.add(entry.file, said.filter((one) => one !== undefined).join('\n'));
    this.#entries.push(entry);
  }
}
