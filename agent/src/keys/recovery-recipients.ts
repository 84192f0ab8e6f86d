import { RecoveryKey } from '@gitprotect/shared/recovery-key';
import * as v from 'valibot';
import type { Database } from '../db/database.ts';
import { readMeta, writeMeta } from './meta.ts';

const row = 'recovery_keys';
/** Where releases before 0.2 kept the one recovery key there was. */
const firstRow = 'recovery_recipient';
const List = v.array(RecoveryKey);

/** The public halves of all recovery keys that new backups are sealed to, the oldest first. */
export async function recoveryRecipients(db: Database): Promise<RecoveryKey[]> {
  const text = await readMeta(db, row);
  if (text !== null) return v.parse(List, JSON.parse(text));
  const first = await readMeta(db, firstRow);
  return first === null ? [] : [{ recipient: first, name: 'recovery key', kind: 'given', addedAt: null }];
}

export async function writeRecoveryRecipients(db: Database, keys: readonly RecoveryKey[]): Promise<void> {
  await writeMeta(db, row, JSON.stringify(keys));
}
