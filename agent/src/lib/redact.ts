/**
 * A token wherever it stands. Stricter than `tokenPattern` in its form, so that it needs no boundary around it: in a log a token may follow
 * an escaped line end or another word. The first 18 characters are what 12 digits and a colon look like in Base64.
 */
const digits = '[MNO][DTjz][AEIMQUYcgk][w-z0-5]';
/** One character of the rest; its + and / may be percent-encoded or escaped. */
const base64 = String.raw`(?:[A-Za-z0-9+/]|%2[BFbf]|\\+/)`;
const token = `(?:BBDC-)?(?:${digits}){4}O[g-v]${base64}{26}`;

/** Forms of secrets in a line of JSON, and what stands there instead. */
const forms: readonly (readonly [RegExp, string])[] = [
  [new RegExp(token, 'g'), '[token]'],
  // Behind the prefix anything long.
  [new RegExp(`BBDC-(?:${base64}|[=_-]){16,}`, 'g'), '[token]'],
  // 44 characters of Base64 standing alone, whatever they decode to. In JSON a line end before them is \n, whose n is no part of them.
  [/(?:(?<![A-Za-z0-9+/-])|(?<=\\[nrt]))[A-Za-z0-9+/]{44}(?![A-Za-z0-9+/=])/g, '[token]'],
  [/\b(Bearer|Basic)(?:\s|%20|\+|\\[nrt])+[^\s"'\\,;]+/gi, '$1 [secret]'],
  [/:\/\/[^/\s"\\?#]+@/g, '://[secret]@'],
  // Bytes spelled out in numbers could be anything.
  [/\{"type":"Buffer","data":\[[\d,]*\]\}/g, '"[bytes]"'],
  [/\{"0":\d+(?:,"\d+":\d+)*\}/g, '"[bytes]"'],
];

/** The text without anything that has the form of a secret. JSON stays JSON. */
export function redact(text: string): string {
  return forms.reduce((left, [form, instead]) => left.replace(form, instead), text);
}
