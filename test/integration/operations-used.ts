import { readers } from '@gitprotect/agent/bitbucket/metadata/all-readers';
import { allWriters } from '@gitprotect/agent/bitbucket/metadata/all-writers';
import { pullRequestOperations } from '@gitprotect/agent/restore/to-bitbucket/pull-requests/recreate';
import { targetOperations } from '@gitprotect/agent/restore/to-bitbucket/target';

const declared = [...readers, ...allWriters].flatMap(({ operations }) => [...(operations.repo ?? []), ...(operations.project ?? [])]);
/** What the agent asks of metadata, and changes of it, each once. */
export const operationsUsed: readonly string[] = [
  ...new Set([...declared, ...targetOperations, ...pullRequestOperations].map((one) => one.replace('/1.0/', '/latest/'))),
];
