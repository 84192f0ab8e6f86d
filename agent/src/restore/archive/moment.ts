import { html, type Html } from './html.ts';

/** A time as a person reads it, in UTC: an archive is read anywhere. */
export function moment(time: number | undefined): Html | undefined {
  if (time === undefined) return undefined;
  const text = new Date(time).toISOString();
  return html`<time datetime="${text}">${text.slice(0, 10)} ${text.slice(11, 16)} UTC</time>`;
}
