import { html, type Html } from './html.ts';

/** What an archive is of. */
export interface ArchiveOf {
  readonly projectKey: string;
  readonly slug: string;
  readonly name: string;
  /** The server's address, shown and never linked. */
  readonly server: string;
  readonly snapshotId: string;
  readonly takenAt: string;
}

/**
 * `file:` beside 'self': opened from a folder, a page has no origin that every browser would call its own. Nothing comes from anywhere else,
 * and no script or style stands in a page.
 */
const policy =
  "default-src 'none'; script-src 'self' file:; style-src 'self' file:; img-src 'self' file:; base-uri 'none'; form-action 'none'";

/** A page of the archive. `root` leads from it to the archive's folder: `.` or `..`. */
export function page(
  of: ArchiveOf,
  look: { title: string; root: '.' | '..'; at?: 'list' | 'settings'; settings: boolean },
  body: Html,
): string {
  const { title, root, at, settings } = look;
  const current = (which: string): Html | false => at === which && html`aria-current="page"`;
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${policy}" />
        <meta name="referrer" content="no-referrer" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${title} · ${of.projectKey}/${of.slug}</title>
        <link rel="stylesheet" href="${root}/archive.css" />
        <script src="${root}/archive.js" defer></script>
      </head>
      <body>
        <a class="skip" href="#content">Skip to content</a>
        <header class="top">
          <p class="repo">
            <a href="${root}/index.html"><bdi>${of.projectKey}</bdi> / <bdi>${of.name}</bdi></a>
          </p>
          <nav aria-label="Archive">
            <a href="${root}/index.html" ${current('list')}>Pull requests</a
            >${settings && html`<a href="${root}/settings.html" ${current('settings')}>Settings</a>`}
          </nav>
        </header>
        <main id="content">${body}</main>
        <footer>
          <p>
            Backed up ${of.takenAt.slice(0, 10)} ${of.takenAt.slice(11, 16)} UTC from ${of.server} · snapshot ${of.snapshotId} · GitProtect
          </p>
        </footer>
      </body>
    </html> `.text;
}
