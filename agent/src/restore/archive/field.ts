/**
 * One field of a record as a server sent it. Each is asked for on its own: one that is missing or of another type is as if it were absent,
 * and takes nothing else with it. Only own fields count.
 */
export function fieldAt(value: unknown, ...path: readonly string[]): unknown {
  let at = value;
  for (const name of path) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, name)) return undefined;
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- just seen to be there
    at = (at as Readonly<Record<string, unknown>>)[name];
  }
  return at;
}

/** The text there, unless it is empty. */
export function textAt(value: unknown, ...path: readonly string[]): string | undefined {
  const found = fieldAt(value, ...path);
  return typeof found === 'string' && found !== '' ? found : undefined;
}

/** The number there. */
export function numberAt(value: unknown, ...path: readonly string[]): number | undefined {
  const found = fieldAt(value, ...path);
  return typeof found === 'number' && Number.isFinite(found) ? found : undefined;
}

/** The list there; none is an empty one. */
export function listAt(value: unknown, ...path: readonly string[]): readonly unknown[] {
  const found = fieldAt(value, ...path);
  return Array.isArray(found) ? found : [];
}

/** Whether `true` is there. */
export function flagAt(value: unknown, ...path: readonly string[]): boolean {
  return fieldAt(value, ...path) === true;
}

/** Milliseconds since 1970 at which something was, written as a number or as a date. */
export function timeAt(value: unknown, ...path: readonly string[]): number | undefined {
  const found = fieldAt(value, ...path);
  const time = typeof found === 'string' ? Date.parse(found) : found;
  return typeof time === 'number' && Number.isFinite(time) && Math.abs(time) < 8.64e15 ? time : undefined;
}

/** The id of a commit, and nothing that only looks like one. */
export function commitAt(value: unknown, ...path: readonly string[]): string | undefined {
  const found = textAt(value, ...path);
  return found !== undefined && /^[0-9a-f]{40}(?:[0-9a-f]{24})?$/.test(found) ? found : undefined;
}

/** A user's name as people say it. */
export function personAt(value: unknown, ...path: readonly string[]): string | undefined {
  const user = fieldAt(value, ...path);
  return textAt(user, 'displayName') ?? textAt(user, 'name') ?? textAt(user, 'slug');
}

/** A branch as people say it. */
export function branchAt(value: unknown, ...path: readonly string[]): string | undefined {
  const ref = fieldAt(value, ...path);
  return textAt(ref, 'displayId') ?? textAt(ref, 'id')?.replace(/^refs\/heads\//, '');
}
