import { formatBytes, formatCount } from '@gitprotect/shared/format';
import { sentence } from '../../../ui/words/sentence.ts';
import { Loaded } from '../../../ui/parts/loaded.tsx';
import { Note } from '../../../ui/parts/note.tsx';
import { useStore } from '../../../ui/store/use-store.ts';

/** Where backups lie. */
export function StorageCard() {
  return (
    <section class="card">
      <h2>Storage</h2>
      <Loaded from={useStore().status}>
        {({ storage, counts }) => (
          <>
            <dl class="facts">
              <dt>Place</dt>
              <dd>
                <code>{storage.place}</code>
              </dd>
              <dt>Free</dt>
              <dd>{storage.freeBytes === null ? 'not known' : formatBytes(storage.freeBytes)}</dd>
              <dt>Holds</dt>
              <dd>
                {formatCount(counts.snapshots, 'snapshot')}
                {storage.id === null && ', not used yet'}
              </dd>
            </dl>
            {storage.problem !== null && <Note tone="bad">{sentence(storage.problem)}</Note>}
            <p class="sub">
              Another folder, S3 or a server with SSH: <code>npx gitprotect-agent storage add</code>. A plan can copy what it saves into a
              second one: a backup beside what it backs up is lost with it.
            </p>
          </>
        )}
      </Loaded>
    </section>
  );
}
