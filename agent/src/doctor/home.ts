import { stat } from 'node:fs/promises';
import { asAppError } from '@gitprotect/shared/errors';
import type { Finding } from '@gitprotect/shared/finding';
import { requirePrivate } from '../lib/private-file.ts';
import { failed, ok, problem } from './finding.ts';

/** Whether the agent's folder is its own and nobody else's. */
export async function examineHome(home: string): Promise<Finding> {
  try {
    const { uid } = await stat(home);
    const user = process.getuid?.();
    if (user !== undefined && uid !== user) {
      return problem('home', `${home} belongs to another user (${uid})`, 'run the agent as the user the folder belongs to');
    }
    await requirePrivate(home);
    return ok('home', home);
  } catch (error) {
    if (asAppError(error).code !== 'internal') return failed('home', error);
    return problem('home', `${home} cannot be read: ${error instanceof Error ? error.message : 'unknown error'}`, 'see GITPROTECT_HOME');
  }
}
