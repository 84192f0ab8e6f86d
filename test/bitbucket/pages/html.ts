import { escapeHtml } from './client/look.js';

/** HTML that is safe to put into a page as it is. */
export interface Html {
  readonly html: string;
}

type Value = string | number | Html | readonly Html[];

function text(value: Value): string {
  if (typeof value === 'object') return 'html' in value ? value.html : value.map((part) => part.html).join('');
  return escapeHtml(value);
}

/** Template tag: what is inserted is escaped, unless it is `Html` itself. */
export function html(strings: TemplateStringsArray, ...values: readonly Value[]): Html {
  return { html: strings.map((part, index) => part + (index < values.length ? text(values[index] ?? '') : '')).join('') };
}

/** The same tag for scripts: what is inserted must be `json` or other code. */
export function code(strings: TemplateStringsArray, ...values: readonly Html[]): Html {
  return html(strings, ...values);
}

/** Takes `source` as it is. Only for markup and code of our own. */
export function trusted(source: string): Html {
  return { html: source };
}

const hex = (character: string) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;

/** JSON for the inside of a script element: nothing in it can end the element. Quotes in strings as `\u0022`, like WRM's own. */
export function json(value: unknown): Html {
  const quoted = JSON.stringify(value).replaceAll(/\\./g, (escape) => (escape === String.raw`\"` ? hex('"') : escape));
  return trusted(quoted.replaceAll(/[<>&\u2028\u2029]/g, hex));
}

const nonceAttribute = (nonce: string | null) => (nonce === null ? '' : ` nonce="${escapeHtml(nonce)}"`);

/** An inline script, with the nonce a content security policy asks for. */
export function script(nonce: string | null, source: Html): Html {
  return trusted(`<script${nonceAttribute(nonce)}>${source.html}</script>`);
}

/** An inline style sheet, with the nonce a content security policy asks for. */
export function style(nonce: string | null, rules: string): Html {
  return trusted(`<style${nonceAttribute(nonce)}>${rules}</style>`);
}
