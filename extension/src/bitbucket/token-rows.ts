import { composedAncestors, composedClosest, composedElements, composedText, isHidden, ownTag, tidy } from './composed-tree.ts';
import type { ListedToken } from './listed-token.ts';
import { type NameHolder, findNameHolders } from './name-holders.ts';
import { tellApart } from './same-name.ts';

/** What stands for a token in the page's list. */
export interface TokenRow {
  readonly element: Element;
  /** One token; several of the same name where nothing in the page tells which. */
  readonly tokens: readonly ListedToken[];
}

/** A row before it is known which of the tokens of that name it shows. */
interface NamedRow {
  readonly element: Element;
  readonly name: string;
}

const rowSelector = 'tr, [role="row"], li, [role="listitem"], dt';
const controls = 'button, a[href], input, [role="button"], summary, time';

/** Whether there is more to see than the name: a list of tokens says something of each. */
function isRich({ element, name }: NamedRow): boolean {
  return tidy(composedText(element)).length > name.length || [...composedElements(element)].some((inner) => inner.matches(controls));
}

/** Same element, same children: rows of one list look alike. */
function shape(element: Element): string {
  const children = [...element.children].filter((child) => !child.matches(ownTag));
  return `${element.tagName}>${children.map(({ tagName }) => tagName).join()}`;
}

const distinct = (holders: readonly NameHolder[]) => [...new Set(holders.map(({ name }) => name))];

/** Which name a child of a list shows, when it shows one. `crowded` names stand in more children than there are such tokens. */
function nameOf(holders: readonly NameHolder[], crowded: ReadonlySet<string>): string | null {
  const all = distinct(holders);
  if (all.length === 1) return all[0] ?? null;
  const telling = holders.filter(({ name }) => !crowded.has(name));
  if (telling.length === 0) return holders[0]?.name ?? null;
  const strongest = Math.max(...telling.map(({ strength }) => strength));
  const named = distinct(telling.filter(({ strength }) => strength === strongest));
  return named.length === 1 ? (named[0] ?? null) : null;
}

/** The list item itself where a child of the list only wraps it, as a `tbody` of its own does. */
function unwrap(child: Element, holder: NameHolder): Element {
  if (child.matches(rowSelector)) return child;
  let row = child;
  for (const ancestor of composedAncestors(holder.element)) {
    if (ancestor === child) break;
    if (ancestor.matches('tr, [role="row"]')) row = ancestor;
  }
  return row;
}

/** Rows that a container would have if its children were the list. */
function rowsOf(children: ReadonlyMap<Element, readonly NameHolder[]>, count: (name: string) => number): NamedRow[] {
  const spread = new Map<string, number>();
  for (const holders of children.values())
    for (const name of new Set(holders.map((holder) => holder.name))) spread.set(name, (spread.get(name) ?? 0) + 1);
  const crowded = new Set([...spread].filter(([name, times]) => times > count(name)).map(([name]) => name));
  const rows: NamedRow[] = [];
  for (const [child, holders] of children) {
    const name = nameOf(holders, crowded);
    const holder = holders.find((one) => one.name === name);
    if (name !== null && holder !== undefined) rows.push({ element: unwrap(child, holder), name });
  }
  return withoutExtras(rows, crowded, count);
}

/**
 * Detail rows repeat a name, and a token may be named as a button of every row: of too many rows the ones that look like those
 * of the other names stay, then the first ones.
 */
function withoutExtras(rows: readonly NamedRow[], crowded: ReadonlySet<string>, count: (name: string) => number): NamedRow[] {
  const plain = rows.filter(({ name }) => !crowded.has(name));
  const shapes = new Map<string, number>();
  for (const { element } of plain.length === 0 ? rows : plain) shapes.set(shape(element), (shapes.get(shape(element)) ?? 0) + 1);
  const common = (row: NamedRow) => shapes.get(shape(row.element)) ?? 0;
  const names = [...new Set(rows.map(({ name }) => name))];
  const kept = new Set(
    names.flatMap((name) =>
      rows
        .filter((row) => row.name === name)
        .toSorted((a, b) => common(b) - common(a))
        .slice(0, count(name)),
    ),
  );
  return rows.filter((row) => kept.has(row));
}

/** A token alone in its list: the item around its name, or the smallest element that also offers something to click. */
function loneRow(holders: readonly NameHolder[]): NamedRow | null {
  for (const { element, name } of holders.toSorted((a, b) => b.strength - a.strength)) {
    const item = composedClosest(element, rowSelector);
    if (item !== null && isRich({ element: item, name })) return { element: item, name };
    for (const ancestor of composedAncestors(element)) {
      if (ancestor.matches('main, body, section, form, h1, h2, h3, p')) break;
      const inner = [...composedElements(ancestor)].filter((one) => one !== element && one.matches(controls));
      if (inner.length > 0) return { element: ancestor, name };
    }
  }
  return null;
}

/** The list that explains most of the tokens; of equals the one whose rows say more, then the innermost. */
function bestList(holders: readonly NameHolder[], count: (name: string) => number): NamedRow[] {
  const containers = new Map<Element, Map<Element, NameHolder[]>>();
  for (const holder of holders) {
    let child: Element | null = null;
    for (const ancestor of composedAncestors(holder.element)) {
      if (child !== null) {
        const children = containers.get(ancestor) ?? new Map<Element, NameHolder[]>();
        containers.set(ancestor, children);
        children.set(child, [...(children.get(child) ?? []), holder]);
      }
      child = ancestor;
    }
  }
  let best: NamedRow[] = [];
  let bestScore = 0;
  for (const children of containers.values()) {
    if (children.size < Math.max(2, bestScore)) continue;
    const rows = rowsOf(children, count);
    const score = rows.length + (rows.filter(isRich).length / (rows.length + 1)) * 0.9;
    if (rows.length > 1 && score > bestScore) [best, bestScore] = [rows, score];
  }
  return best;
}

function named(tokens: readonly ListedToken[]): Map<string, ListedToken[]> {
  return Map.groupBy(tokens, ({ name }) => tidy(name));
}

/** The tokens in the order of the rows, when rows of unique names show that the list is ordered as REST's, or the other way round. */
function inOrder(rows: readonly NamedRow[], tokens: readonly ListedToken[], byName: ReadonlyMap<string, readonly ListedToken[]>) {
  const places = rows.flatMap(({ name }) => {
    const [only, more] = byName.get(name) ?? [];
    return only === undefined || more !== undefined ? [] : [tokens.indexOf(only)];
  });
  const rising = places.every((place, at) => at === 0 || place > (places[at - 1] ?? 0));
  const falling = places.every((place, at) => at === 0 || place < (places[at - 1] ?? 0));
  if (places.length < 2 || (!rising && !falling)) return null;
  return rising ? tokens : tokens.toReversed();
}

/**
 * Finds the rows of known tokens by structure alone: the smallest repeating elements that hold their names. Knows no class,
 * id or wording of the page. Tokens whose row is not in the page are missing from the answer.
 * @param tokens in the order of REST's list
 */
export function findTokenRows(root: Element, tokens: readonly ListedToken[], now: number): TokenRow[] {
  const byName = named(tokens);
  const found: NamedRow[] = [];
  let holders = findNameHolders(root, [...byName.keys()]).filter(({ element }) => !isHidden(element));
  const left = (name: string) => (byName.get(name)?.length ?? 0) - found.filter((row) => row.name === name).length;
  for (;;) {
    const more = bestList(holders, left);
    if (more.length === 0) break;
    found.push(...more);
    holders = holders.filter(({ name, element }) => left(name) > 0 && !found.some((row) => row.element.contains(element)));
  }
  for (const [name, group] of Map.groupBy(holders, (holder) => holder.name)) {
    const row = left(name) > 0 ? loneRow(group) : null;
    if (row !== null && !found.some(({ element }) => element.contains(row.element) || row.element.contains(element))) found.push(row);
  }
  const order = inOrder(found, tokens, byName);
  return [...Map.groupBy(found, ({ name }) => name)].flatMap(([name, rows]) => {
    const same = byName.get(name) ?? [];
    const given = tellApart(
      rows.map(({ element }) => element),
      same,
      order?.filter((token) => same.includes(token)) ?? null,
      now,
    );
    return rows.map(({ element }, at) => ({ element, tokens: given[at] ?? same }));
  });
}
