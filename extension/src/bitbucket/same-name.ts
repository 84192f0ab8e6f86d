import { composedElements, composedText, tidy } from './composed-tree.ts';
import type { ListedToken } from './listed-token.ts';

const day = 86_400_000;
/** With or without a zero in front. */
const two = (value: number) => `0?${value}`;

function attributesOf(row: Element): string {
  const values: string[] = [];
  for (const element of [row, ...composedElements(row)]) for (const { value } of element.attributes) values.push(value);
  return values.join(' ');
}

/** The ways a day is written where the language is not known: `2026-11-22`, `22.11.2026`, `11/22/2026`, `22 Nov 2026`, `November 22, 2026`. */
function daysAsWritten(time: number): RegExp {
  const date = new Date(time);
  const [year, month, of] = [date.getFullYear(), date.getMonth() + 1, date.getDate()];
  const name = date.toLocaleString('en', { month: 'short' });
  return new RegExp(
    `${year}-${two(month)}-${two(of)}|\\b${two(of)}[./ ]+${two(month)}[./ ]+${year}|\\b${two(month)}/${two(of)}/${year}|` +
      `\\b${two(of)}\\.? ${name}\\p{L}*\\.? ${year}|${name}\\p{L}*\\.? ${two(of)},? ${year}`,
    'u',
  );
}

/** How well what a row shows fits a token: the id in an attribute settles it, dates and rights weigh in. */
function fit(row: Element, token: ListedToken, now: number): number {
  const attributes = attributesOf(row);
  const text = tidy(composedText(row));
  const words = `${text} ${attributes}`;
  let score = attributes.includes(token.id) || text.includes(token.id) ? 100 : 0;
  for (const time of [token.createdAt, token.expiresAt]) if (time !== null && daysAsWritten(time).test(words)) score += 4;
  const left = token.expiresAt === null ? null : (token.expiresAt - now) / day;
  if (left === null && /\bnever\b/i.test(text)) score += 1;
  if (left !== null && left <= 0 && /\bexpired\b/i.test(text)) score += 2;
  if (left !== null && left > 0 && [Math.floor(left), Math.ceil(left)].some((days) => new RegExp(`\\b${days}\\b`).test(text))) score += 2;
  for (const level of ['READ', 'WRITE', 'ADMIN']) {
    const has = token.permissions.some((permission) => permission.endsWith(level));
    if (has === new RegExp(`\\b${level}`, 'i').test(text)) score += 1;
  }
  return score;
}

/** Every way to give the tokens to the rows; small, for few tokens share a name. */
function* assignments(rows: number, tokens: readonly ListedToken[]): Generator<readonly ListedToken[]> {
  if (rows === 0) {
    yield [];
    return;
  }
  for (const first of tokens)
    for (const rest of assignments(
      rows - 1,
      tokens.filter((one) => one !== first),
    ))
      yield [first, ...rest];
}

/**
 * Tells rows of one name apart.
 * @param order the tokens in the order of the page's list, when the other rows show that it has one; else `null`
 * @returns for each row one token, or all of them where nothing decides
 */
export function tellApart(
  rows: readonly Element[],
  tokens: readonly ListedToken[],
  order: readonly ListedToken[] | null,
  now: number,
): (readonly ListedToken[])[] {
  const undecided = rows.map(() => tokens);
  if (tokens.length === 1) return undecided;
  if (rows.length > tokens.length || tokens.length > 6) return undecided;
  const fits = rows.map((row) => new Map(tokens.map((token) => [token, fit(row, token, now)])));
  const scored = [...assignments(rows.length, tokens)].map((given) => ({
    given,
    score: given.reduce((sum, token, at) => sum + (fits[at]?.get(token) ?? 0), 0),
  }));
  const best = Math.max(...scored.map(({ score }) => score));
  const winners = scored.filter(({ score }) => score === best);
  const winner = winners[0];
  if (winners.length === 1 && winner !== undefined) return winner.given.map((token) => [token]);
  if (order !== null && rows.length === tokens.length) return order.map((token) => [token]);
  return undecided;
}
