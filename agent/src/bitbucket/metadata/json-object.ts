import * as v from 'valibot';

/** A body that is an object, as it came: valibot's own objects are copies, and leave out fields of some names. */
export const JsonObject = v.custom<Readonly<Record<string, unknown>>>(isObject, 'an object is expected');

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
