/** The kind of the records that name a snapshot's large files: key is the oid, value `{ bytes, path }`. */
export const lfsObjects = 'lfs-objects';

/**
 * One line of a metadata object. `kind` is one of `shared/metadata.ts` or `lfs-objects`; `value` is what the server sent. `gone`: what an
 * older object says under this key stands no more.
 */
export type MetadataRecord =
  | { readonly kind: string; readonly key: string; readonly value: unknown }
  | { readonly kind: string; readonly key: string; readonly gone: true };
