import * as v from 'valibot';
import { Name, Time } from './text.ts';

/** The public half of an X25519 key of age's: 58 characters of Bech32. Keys of plugins are none of these: not every `age` opens what is sealed to them. */
export const AgeRecipient = v.pipe(
  v.string(),
  v.trim(),
  v.regex(/^age1[02-9ac-hj-np-z]{58}$/, 'must be an age recipient: age1 and 58 letters and digits'),
);

/** A key that opens backups without this agent, as far as it may be shown: its public half. */
export const RecoveryKey = v.object({
  recipient: v.string(),
  name: Name,
  /** `own`: made here, its secret half is in the vault and can be printed. `given`: only the public half was ever here. */
  kind: v.picklist(['own', 'given']),
  /** `null` where it is from a release that did not write it down. */
  addedAt: v.nullable(Time),
});
export type RecoveryKey = v.InferOutput<typeof RecoveryKey>;

/** A recovery key with its secret half, and what it was seen to open. */
export const PrintedKey = v.object({
  recipient: v.string(),
  identity: v.string(),
  /** Whether it was made just now: nothing that was sealed before opens with it. */
  fresh: v.boolean(),
  /** Of the newest snapshot of each repo, how many it opens. `null` where the storage could not be asked. */
  opens: v.nullable(v.object({ snapshots: v.number(), of: v.number() })),
});
export type PrintedKey = v.InferOutput<typeof PrintedKey>;
