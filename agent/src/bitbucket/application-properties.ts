import { AppError } from '@gitprotect/shared/errors';
import * as v from 'valibot';
import type { Reader } from './reader.ts';

const ApplicationProperties = v.looseObject({
  version: v.string(),
  displayName: v.optional(v.string()),
  buildNumber: v.optional(v.string()),
});

/**
 * The version of the Bitbucket at this address, asked without a credential.
 * @throws AppError `server-not-bitbucket` when something else answers
 */
export async function readVersion(reader: Reader, signal?: AbortSignal): Promise<string> {
  const { origin } = new URL(reader.baseUrl);
  try {
    const { version } = await reader.get('/rest/api/latest/application-properties', { schema: ApplicationProperties, signal });
    return version;
  } catch (error) {
    if (error instanceof AppError && (error.code === 'not-found' || error.code === 'server-bad-answer')) {
      throw new AppError('server-not-bitbucket', `${reader.baseUrl} is no Bitbucket Data Center: ${error.message}`, {
        remedy: `open Bitbucket in a browser and take what stands before /dashboard or /projects, its context path included: often ${origin}/bitbucket`,
        cause: error,
      });
    }
    throw error;
  }
}
