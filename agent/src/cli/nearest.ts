/** The names a person may have meant, the likeliest first: at most three, each a few letters away or beginning with the same word. */
export function nearest(typed: string, names: readonly string[]): string[] {
  const wanted = typed.toLowerCase();
  const [first = ''] = wanted.split(' ');
  return names
    .map((name) => {
      const whole = distance(wanted, name);
      const group = distance(first, name.split(' ')[0] ?? '') <= 1 ? 3 : Infinity;
      return { name, away: whole <= Math.max(1, wanted.length / 3) ? Math.min(whole, group) : group };
    })
    .filter(({ away }) => away < Infinity)
    .toSorted((a, b) => a.away - b.away)
    .slice(0, 3)
    .map(({ name }) => name);
}

/** Letters to add, drop, change or swap with the next to turn one word into the other. */
function distance(from: string, to: string): number {
  const rows: number[][] = [Array.from({ length: to.length + 1 }, (_, column) => column)];
  const at = (row: number, column: number): number => rows[row]?.[column] ?? Infinity;
  for (let row = 1; row <= from.length; row += 1) {
    const line = [row];
    rows.push(line);
    for (let column = 1; column <= to.length; column += 1) {
      const changed = from[row - 1] === to[column - 1] ? 0 : 1;
      const swapped = from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1] ? at(row - 2, column - 2) + 1 : Infinity;
      line.push(Math.min(at(row - 1, column) + 1, (line[column - 1] ?? Infinity) + 1, at(row - 1, column - 1) + changed, swapped));
    }
  }
  return at(from.length, to.length);
}
