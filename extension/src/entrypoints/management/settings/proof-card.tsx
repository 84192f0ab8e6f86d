import type { UpkeepResult } from '@gitprotect/shared/upkeep';
import { upkeepWords } from '@gitprotect/shared/upkeep';
import { Ago } from '../../../ui/parts/ago.tsx';
import { sentence } from '../../../ui/words/sentence.ts';
import { Loaded } from '../../../ui/parts/loaded.tsx';
import { Lozenge } from '../../../ui/parts/lozenge.tsx';
import { useStore } from '../../../ui/store/use-store.ts';
import { summaryText } from '../../../ui/words/proof-words.ts';
import type { Word } from '../../../ui/words/tone.ts';

const states: Record<UpkeepResult['state'], Word> = {
  done: { tone: 'ok', text: 'done' },
  failed: { tone: 'bad', text: 'problem' },
  stopped: { tone: 'plain', text: 'stopped' },
};

/** What the agent does for the storage by itself, and how it went the last time. */
export function ProofCard() {
  const store = useStore();
  return (
    <section class="card">
      <h2>Can it be restored?</h2>
      <Loaded from={store.status}>
        {({ proof, upkeep }) => (
          <>
            <p>{sentence(summaryText(proof, store.time.value) || 'no snapshot yet')}</p>
            {upkeep.length === 0 ? (
              <p class="sub">After each run, and once a day, the agent checks the storage and rebuilds repositories from it.</p>
            ) : (
              <ul class="list">
                {upkeep.map(({ step, state, startedAt, message, remedy }) => (
                  <li key={step} class="row">
                    <span class="word">
                      <Lozenge {...states[state]} />
                    </span>
                    <span class="grow">
                      {upkeepWords[step]}{' '}
                      <small>
                        <Ago time={startedAt} />
                      </small>
                      <small class={state === 'failed' ? 'below bad-text' : 'below'}>{sentence(message)}</small>
                      {remedy !== null && <small class="below">{sentence(remedy)}</small>}
                    </span>
                  </li>
                ))}
              </ul>
            )}
          </>
        )}
      </Loaded>
    </section>
  );
}
