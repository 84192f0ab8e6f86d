import type { AgentStatus } from '@gitprotect/shared/status';
import { sentence } from '../words/sentence.ts';
import { Note } from '../parts/note.tsx';

/** What is wrong with vault and storage, as far as the needs above do not say it already. */
export function Warnings({ status: { needs, vault, storage } }: { status: AgentStatus }) {
  const isNew = (words: string | null): words is string => words !== null && !needs.some(({ message }) => message === words);
  const locked = vault.locked ? 'The vault is locked: no backup can run until it is unlocked where the agent runs' : null;
  const words = vault.warning ?? locked;
  return (
    <>
      {isNew(words) && <Note tone={vault.locked ? 'bad' : 'warn'}>{sentence(words)}</Note>}
      {isNew(storage.problem) && <Note tone="bad">{sentence(storage.problem)}</Note>}
    </>
  );
}
