/** Reads JSON from outside by hand: the schemas' library would be a tenth of what the content script may weigh. */

export function property(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name) ? Reflect.get(value, name) : undefined;
}

export function text(value: unknown, name: string): string | null {
  const found = property(value, name);
  return typeof found === 'string' ? found : null;
}

export function number(value: unknown, name: string): number | null {
  const found = property(value, name);
  return typeof found === 'number' ? found : null;
}

/** An empty list for anything that is none. */
export function list(value: unknown, name: string): readonly unknown[] {
  const found = property(value, name);
  return Array.isArray(found) ? found : [];
}
