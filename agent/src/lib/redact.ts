/**
 * A token wherever it stands. Stricter than `tokenPattern` in its form, so that it needs no boundary around it: in a log a token may follow
 * an escaped line end or another word. The first 18 characters are what 12 digits and a colon look like in Base64.
 */
const digits = '[MNO][DTjz][AEIMQUYcgk][w-z0-5]';
const token = `(?:BBDC-)?(?:${digits}){4}O[g-v][A-Za-z0-9+/]{26}`;

/** Forms of secrets in a line of JSON, and what stands there instead. */
const forms: readonly (readonly [RegExp, string])[] = [
  [new RegExp(token, 'g'), '[token]'],
  // Behind the prefix anything long, also with its slashes escaped or percent-encoded.
  [/BBDC-(?:[A-Za-z0-9+/=_-]|%[0-9A-Fa-f]{2}|\\\/){16,}/g, '[token]'],
  // 44 characters of Base64 standing alone, whatever they decode to. The lookbehind lets escapes such as \n pass as boundary.
  [/(?<![A-Za-z0-9+/-]|\\)(?:\\[nrt])?[A-Za-z0-9+/]{44}(?![A-Za-z0-9+/=])/g, '[token]'],
  [/\b(Bearer|Basic)(?:\s|%20|\+|\\[nrt])+[^\s"'\\,;]+/gi, '$1 [secret]'],
  [/:\/\/[^/\s"'\\@?#]+@/g, '://[secret]@'],
  // Bytes spelled out in numbers could be anything.
  [/\{"type":"Buffer","data":\[[\d,]*\]\}/g, '"[bytes]"'],
  [/\{"0":\d+(?:,"\d+":\d+)*\}/g, '"[bytes]"'],
];

/** The text without anything that has the form of a secret. JSON stays JSON. */
export function redact(text: string): string {
  return forms.reduce((left, [form, instead]) => left.replace(form, instead), text);
}
