import type { Command } from '../command.ts';
import { agentCommands } from './agent.ts';
import { compactCommands } from './compact.ts';
import { credentialCommands } from './credential.ts';
import { doctorCommands } from './doctor.ts';
import { planCommands } from './plan.ts';
import { recoveryKeyCommands } from './recovery-key.ts';
import { retentionCommands } from './retention.ts';
import { pruneCommands } from './prune.ts';
import { restoreCommands } from './restore.ts';
import { runCommands } from './run.ts';
import { projectCommands, serverCommands } from './server.ts';
import { serviceCommands } from './service.ts';
import { storageCommands } from './storage.ts';
import { snapshotCommands } from './snapshot.ts';

/** Every command but `start`, which is the agent itself. In the order of the help page. */
export const commands: readonly Command[] = [
  ...agentCommands,
  ...doctorCommands,
  ...serviceCommands,
  ...serverCommands,
  ...projectCommands,
  ...credentialCommands,
  ...planCommands,
  ...runCommands,
  ...restoreCommands,
  ...snapshotCommands,
  ...retentionCommands,
  ...pruneCommands,
  ...compactCommands,
  ...storageCommands,
  ...recoveryKeyCommands,
];
