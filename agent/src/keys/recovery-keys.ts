import { AppError } from '@gitprotect/shared/errors';
import type { PrintedKey, RecoveryKey } from '@gitprotect/shared/recovery-key';
import type { Database } from '../db/database.ts';
import type { Clock } from '../lib/clock.ts';
import { Secret } from '../lib/secret.ts';
import { newIdentity, recipientOf } from './identity.ts';
import { recoveryRecipients, writeRecoveryRecipients } from './recovery-recipients.ts';
import { addStorageKey, rotateStorageKey, type SecretPlace } from './storage-keys.ts';

/** The secret half of the recovery key that was made here. It opens no more than the agent's own key beside it. */
const entry = 'recovery-identity';

/** Every key beside the agent's own that backups are sealed to. Each opens them without this agent, with stock `age`. */
export interface RecoveryKeys {
  list(): Promise<RecoveryKey[]>;
  /** The recovery key itself, to be put on paper; made when there is none. Who may see it is for the caller to check. */
  print(): Promise<Omit<PrintedKey, 'opens'>>;
  /** Makes another recovery key in place of the one made here. What was sealed before stays open to the old one. */
  replace(): Promise<Omit<PrintedKey, 'opens'>>;
  /** Seals new backups to a further key, of which only the public half is ever here. */
  add(recipient: string, name: string): Promise<RecoveryKey[]>;
  /** New backups are no longer sealed to it. @throws AppError `not-found` */
  remove(recipient: string): Promise<RecoveryKey[]>;
  /** On a new machine: takes a recovery key in, so that this agent opens what was sealed to it, and goes on sealing to it. */
  use(identity: Secret): Promise<RecoveryKey[]>;
  /** Makes a new key of the agent's own for new backups. Answers its public half. */
  rotateOwn(): Promise<string>;
}

export function recoveryKeys({ vault, db, clock }: { vault: SecretPlace; db: Database; clock: Clock }): RecoveryKeys {
  const now = () => new Date(clock.now()).toISOString();
  const list = () => recoveryRecipients(db);
  const printable = async () => (await list()).find(({ kind }) => kind === 'own');

  const make = async (): Promise<Omit<PrintedKey, 'opens'>> => {
    const identity = await newIdentity();
    const recipient = await recipientOf(identity);
    await keepOwn(new Secret(identity), recipient);
    return { recipient, identity, fresh: true };
  };
  /** The secret first: a kill in between leaves a key in the vault that nothing is sealed to, never backups sealed to a key that nobody has. */
  const keepOwn = async (identity: Secret, recipient: string): Promise<void> => {
    const others = (await list()).filter((key) => key.kind !== 'own' && key.recipient !== recipient);
    await vault.set(entry, identity);
    await writeRecoveryRecipients(db, [...others, { recipient, name: 'recovery key', kind: 'own', addedAt: now() }]);
  };

  const printOrMake = async (): Promise<Omit<PrintedKey, 'opens'>> => {
    const known = await printable();
    if (known === undefined) return make();
    const identity = await vault.get(entry);
    if (identity !== null && (await recipientOf(identity.reveal())) === known.recipient)
      return { recipient: known.recipient, identity: identity.reveal(), fresh: false };
    throw new AppError('vault-unavailable', 'the vault no longer holds the recovery key, so it cannot be printed again', {
      remedy: 'if it is on paper, all is well; else make another for backups from now on: gitprotect-agent recovery-key replace',
    });
  };
  // Of two who ask for the first key at once each would have one on paper, and one of these would open nothing.
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = async <T>(work: () => Promise<T>): Promise<T> => {
    const turn = last.then(work);
    last = turn.catch(() => undefined);
    return turn;
  };

  return {
    list,
    print: () => inTurn(printOrMake),
    replace: () => inTurn(make),
    add: async (recipient, name) => {
      const keys = await list();
      if (keys.some((key) => key.recipient === recipient))
        throw new AppError('already-exists', `backups are sealed to ${recipient} already`, { remedy: 'nothing is to be done' });
      await writeRecoveryRecipients(db, [...keys, { recipient, name, kind: 'given', addedAt: now() }]);
      return list();
    },
    remove: async (recipient) => {
      const keys = await list();
      const gone = keys.find((key) => key.recipient === recipient);
      if (gone === undefined)
        throw new AppError('not-found', `backups are not sealed to ${recipient}`, { remedy: 'see: gitprotect-agent recovery-key list' });
      await writeRecoveryRecipients(
        db,
        keys.filter((key) => key !== gone),
      );
      if (gone.kind === 'own') await vault.delete(entry);
      return list();
    },
    use: async (identity) => {
      const recipient = await addStorageKey(vault, db, identity);
      if ((await printable()) === undefined) await keepOwn(identity, recipient);
      return list();
    },
    rotateOwn: () => rotateStorageKey(vault, db),
  };
}
