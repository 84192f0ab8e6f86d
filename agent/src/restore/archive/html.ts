/** Text that is HTML already. Only `html` and `trusted` make it. */
export class Html {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/** What may stand in a template: text is escaped, lists are joined, nothing is nothing. */
export type Part = Html | string | number | false | null | undefined | readonly Part[];

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/**
 * Text in which nothing works unseen: what turns the direction of writing is spelled out (it makes code and names read as something else),
 * other control characters become `�`.
 */
export function visible(text: string): string {
  return (
    text
      // oxlint-disable-next-line no-control-regex
      .replaceAll(/[\u0000-\u0008\u000b-\u000c\u000e-\u001f\u007f-\u009f]/g, '\ufffd')
      .replaceAll(/[\u202a-\u202e\u2066-\u2069]/g, (mark) => `⟨U+${mark.charCodeAt(0).toString(16).toUpperCase()}⟩`)
  );
}

/** Text, safe between tags and in quoted attributes. */
export function escape(text: string): string {
  return visible(text).replaceAll(/[&<>"']/g, (sign) => entities[sign] ?? '');
}

/** HTML that was made by something that escapes on its own. */
export const trusted = (text: string): Html => new Html(text);

/** HTML with every value escaped. */
export function html(strings: TemplateStringsArray, ...values: readonly Part[]): Html {
  return new Html(strings.map((string, index) => string + written(values[index])).join(''));
}

function written(part: Part): string {
  if (part === undefined || part === null || part === false) return '';
  if (part instanceof Html) return part.text;
  return typeof part === 'object' ? part.map(written).join('') : escape(String(part));
}
