import { AppError } from '@gitprotect/shared/errors';
import { kindOf, manifestName } from '../storage/layout.ts';
import type { StoredManifest } from './manifest-object.ts';
import { type Manifest, repoOf } from './manifest.ts';
import type { ResolvedManifest } from './next-manifest.ts';
import { applyDifference, type Refs, refsHash } from './refs.ts';

/** A manifest as it was written, with its whole list of refs. */
type WithRefs = Pick<ResolvedManifest, 'written' | 'sha256' | 'refs' | 'base'>;

/** How another manifest is read: by name, and the SHA-256 it must have where one is known. */
type Read = (name: string, sha256: string | undefined) => Promise<StoredManifest>;

/**
 * Reads a manifest and the one its refs are written as a difference from, and puts the list together.
 * @throws AppError `backup-damaged` naming the object at fault
 */
export async function resolveManifest(name: string, read: Read, expectSha256?: string): Promise<WithRefs> {
  const { manifest, sha256 } = await readOrDamaged(name, read, expectSha256);
  const { base } = manifest.refs;
  if (base === null) {
    const refs = wholeList(manifest, new Map(), name);
    return { written: manifest, sha256, refs, base: { id: idIn(name), sha256, refs } };
  }
  const baseName = manifestName(repoOf(manifest), base.id);
  const from = await readOrDamaged(baseName, read, base.sha256);
  if (from.manifest.refs.base !== null) throw damaged(baseName, 'it has no whole list of refs');
  const baseRefs = wholeList(from.manifest, new Map(), baseName);
  return { written: manifest, sha256, refs: wholeList(manifest, baseRefs, name), base: { ...base, refs: baseRefs } };
}

function wholeList(manifest: Manifest, base: Refs, name: string): Refs {
  let refs: Refs;
  try {
    refs = applyDifference(base, manifest.refs);
  } catch (error) {
    throw damaged(name, error instanceof Error ? error.message : 'its refs cannot be read', error);
  }
  if (refsHash(refs) !== manifest.refs.hash) throw damaged(name, 'its refs are not those that were listed');
  return refs;
}

/** Reads a manifest that another one needs: where it is not there, or not what it was, that is damage. */
export async function readOrDamaged(name: string, read: Read, sha256: string | undefined): Promise<StoredManifest> {
  try {
    return await read(name, sha256);
  } catch (error) {
    if (error instanceof AppError && (error.code === 'not-found' || error.code === 'storage-corrupt'))
      throw damaged(name, error.message, error);
    throw error;
  }
}

function idIn(name: string): string {
  const kind = kindOf(name);
  return kind.kind === 'manifest' ? kind.id : '';
}

function damaged(object: string, why: string, cause?: unknown): AppError {
  return new AppError('backup-damaged', `the record ${object} cannot be used: ${why}`, {
    remedy: 'restore another snapshot; "verify" says which are whole',
    facts: { object },
    cause,
  });
}
