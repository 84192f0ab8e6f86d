import fc from 'fast-check';

/** A place in JSON: a field of an object, or an item of a list. */
interface Slot {
  readonly holder: object;
  readonly name: string;
}

function slotsOf(json: unknown): Slot[] {
  if (typeof json !== 'object' || json === null) return [];
  return Object.entries(json).flatMap(([name, inner]) => [{ holder: json, name }, ...slotsOf(inner)]);
}

const put = (holder: object, name: string, value: unknown): boolean =>
  Reflect.defineProperty(holder, name, { value, enumerable: true, configurable: true, writable: true });

const oddText = fc.oneof(
  fc.constantFrom('', '\ud800', '../..', 'attachment:6/..', 'attachment:6/%2e%2e/%zz', '__proto__', '\u0000', '💥'.repeat(50)),
  fc.string({ unit: 'binary' }),
);
const oddName = fc.constantFrom('unknown', 'constructor', '__proto__', 'toString', 'values', 'id', 'details', 'links', '');
const oddValue = fc.oneof(
  oddText,
  fc.constantFrom(null, true, false, 0, -1, 0.5, 1e21, [], {}, [null], { id: null }, { key: 5 }),
  fc.jsonValue({ maxDepth: 2 }),
);

const change: fc.Arbitrary<(slot: Slot) => unknown> = fc.oneof(
  fc.constant(({ holder, name }: Slot) => (Array.isArray(holder) ? holder.splice(Number(name), 1) : Reflect.deleteProperty(holder, name))),
  oddValue.map(
    (value) =>
      ({ holder, name }: Slot) =>
        put(holder, name, structuredClone(value)),
  ),
  fc.tuple(oddName, oddValue).map(([added, value]) => ({ holder, name }: Slot) => {
    if (Array.isArray(holder)) return holder.splice(Number(name), 0, structuredClone(value));
    return put(holder, added, structuredClone(value));
  }),
);

/** The JSON with one to five things in it gone, added or replaced: as an answer of another version, or of a proxy, may be. */
export function mutated(json: unknown): fc.Arbitrary<unknown> {
  return fc.array(fc.tuple(fc.nat(), change), { minLength: 1, maxLength: 5 }).map((changes) => {
    const copy = structuredClone(json);
    for (const [where, apply] of changes) {
      const slots = slotsOf(copy);
      const slot = slots[where % Math.max(1, slots.length)];
      if (slot !== undefined) apply(slot);
    }
    // What no JSON can say is not sent.
    return JSON.parse(JSON.stringify(copy)) as unknown;
  });
}
