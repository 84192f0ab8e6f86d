import MarkdownIt from 'markdown-it';
import { attachmentId, type Attachments } from './attachments.ts';
import { escape, type Html, trusted, visible } from './html.ts';

/** Renders a text that somebody wrote in Bitbucket. */
export type Markdown = (text: string) => Html;

/**
 * Markdown as Bitbucket reads it, made harmless: HTML in it is text, a link leads to the web, to a mailbox or to an attachment of the archive, and
 * no picture comes from elsewhere. `folder` leads from the page to the attachments.
 */
export function markdownWith(attachments: Attachments, folder: string): Markdown {
  // A tree of a thousand quotes is nobody's comment.
  const reader = new MarkdownIt('default', { html: false, linkify: true, breaks: true, maxNesting: 24 });
  reader.linkify.set({ fuzzyLink: false, fuzzyEmail: false });
  reader.validateLink = (url) => /^(?:https?:\/\/|mailto:|attachment:)/i.test(url);
  const localFile = (url: string): string | undefined => {
    const known = attachments.get(attachmentId(url) ?? '');
    return known === undefined ? undefined : `${folder}/${known.file}`;
  };
  reader.renderer.rules['link_open'] = (tokens, index) => {
    const url = attribute(tokens[index], 'href');
    if (!/^attachment:/i.test(url)) return `<a href="${escape(url)}" rel="noreferrer noopener">`;
    const file = localFile(url);
    return file === undefined ? '<a class="absent" title="This attachment is not in the backup">' : `<a href="${escape(file)}">`;
  };
  reader.renderer.rules['image'] = (tokens, index) => {
    const token = tokens[index];
    const url = attribute(token, 'src');
    const words = escape(token?.content ?? '');
    const attachment = attachments.get(attachmentId(url) ?? '');
    if (attachment !== undefined) {
      const file = escape(`${folder}/${attachment.file}`);
      const name = words === '' ? escape(attachment.name) : words;
      const inside = attachment.picture ? `<img src="${file}" alt="${name}" loading="lazy">` : name;
      return `<a href="${file}">${inside}</a>`;
    }
    if (/^attachment:/i.test(url)) return `<span class="absent" title="This attachment is not in the backup">${words || 'picture'}</span>`;
    // No link within a link: HTML knows none.
    return `<span class="elsewhere">${words === '' ? '' : `${words} `}(picture at ${escape(url)})</span>`;
  };
  reader.renderer.rules['th_open'] = ofTable('th');
  reader.renderer.rules['td_open'] = ofTable('td');
  reader.renderer.rules['table_open'] = () => '<div class="wide"><table>\n';
  reader.renderer.rules['table_close'] = () => '</table></div>\n';
  return (text) => {
    const shown = visible(text);
    try {
      return trusted(reader.render(shown));
    } catch {
      return trusted(`<pre>${escape(shown)}</pre>`);
    }
  };
}

interface Token {
  readonly content: string;
  attrGet(name: string): string | number | null;
}

const attribute = (token: Token | undefined, name: string): string => String(token?.attrGet(name) ?? '');

/** A cell of a table, without the style of its own that a page forbids. */
const ofTable = (tag: string) => (tokens: readonly Token[], index: number) => {
  const side = /text-align:(left|center|right)/.exec(attribute(tokens[index], 'style'))?.[1];
  return side === undefined ? `<${tag}>` : `<${tag} class="to-${side}">`;
};
