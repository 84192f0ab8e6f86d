import { AppError } from '@gitprotect/shared/errors';
import type { Vault } from './vault.ts';

/**
 * Makes `to` hold exactly what `from` holds, and reads everything back. `from` is not changed.
 * @returns how many secrets there are
 */
export async function moveSecrets(from: Vault, to: Vault): Promise<number> {
  const ids = await from.ids();
  for (const left of await to.ids()) if (!ids.includes(left)) await to.delete(left);
  for (const id of ids) {
    const secret = await from.get(id);
    if (secret === null) continue;
    await to.set(id, secret);
    const read = await to.get(id);
    if (read?.reveal() === secret.reveal()) continue;
    throw new AppError(
      'vault-unavailable',
      `the ${to.kind} vault does not give back what was written; the secrets stay in the ${from.kind} vault`,
      {
        remedy: `set "vault" in config.json back to "${from.kind}"`,
      },
    );
  }
  return ids.length;
}
