import { formatCount, formatDuration } from '@gitprotect/shared/format';
import { wordsOfKind } from '@gitprotect/shared/metadata';
import type { RestoredPlace, RestoreItem, ServerRestoreReport } from '@gitprotect/shared/restore';
import { Lozenge } from '../../../ui/parts/lozenge.tsx';
import { Note } from '../../../ui/parts/note.tsx';
import { sentence } from '../../../ui/words/sentence.ts';
import type { Word } from '../../../ui/words/tone.ts';

const words: Record<RestoreItem['state'], Word> = {
  will: { tone: 'busy', text: 'will be restored' },
  restored: { tone: 'ok', text: 'restored' },
  kept: { tone: 'plain', text: 'was there' },
  'to-do': { tone: 'warn', text: 'for you to do' },
  cannot: { tone: 'warn', text: 'not possible' },
  differs: { tone: 'bad', text: 'differs' },
  failed: { tone: 'bad', text: 'failed' },
};

/** What needs a person first. */
const order: readonly RestoreItem['state'][] = ['failed', 'differs', 'to-do', 'cannot', 'will', 'restored', 'kept'];
const usuallyFolded = 12;

/** What a restore to Bitbucket would do, or did, item by item. */
export function ServerRestoreResult({ report }: { report: ServerRestoreReport }) {
  const { dryRun, verified, places, missingRights, milliseconds } = report;
  const count = (state: RestoreItem['state']) =>
    places.reduce((sum, { items }) => sum + items.filter((item) => item.state === state).length, 0);
  return (
    <div class="stack" aria-live="polite">
      {dryRun ? (
        <Note tone="plain">
          <b>Nothing was changed.</b> {formatCount(count('will'), 'thing')} would be restored
          {count('cannot') + count('to-do') > 0 && `, ${formatCount(count('cannot') + count('to-do'), 'thing')} not, for the reasons below`}
          .
        </Note>
      ) : verified ? (
        <Note tone="ok">
          <b>Restored and compared.</b> {formatCount(count('restored'), 'thing')} on the server are as in the snapshot (
          {formatDuration(milliseconds)}).
        </Note>
      ) : (
        <Note tone="bad">
          <b>Restored, but not all of it.</b> {formatCount(count('failed') + count('differs'), 'thing')} failed or came out otherwise; they
          are listed first.
        </Note>
      )}
      {missingRights.length > 0 && (
        <Note tone="warn">
          The token lacks rights:
          <ul>
            {missingRights.map((right) => (
              <li key={right}>{sentence(right)}</li>
            ))}
          </ul>
        </Note>
      )}
      {places.map((place) => (
        <Place key={`${place.projectKey}/${place.slug ?? ''}`} place={place} />
      ))}
    </div>
  );
}

function Place({ place }: { place: RestoredPlace }) {
  const { from, projectKey, slug, url, limits } = place;
  const items = place.items.toSorted((a, b) => order.indexOf(a.state) - order.indexOf(b.state));
  const open = items.length <= usuallyFolded || items.some(({ state }) => state === 'failed' || state === 'differs');
  return (
    <details open={open}>
      <summary>
        {from} → {slug === null ? projectKey : `${projectKey}/${slug}`} <small>{formatCount(items.length, 'item')}</small>
      </summary>
      <p class="sub anywhere">
        <a href={url} target="_blank" rel="noreferrer">
          {url}
        </a>
      </p>
      <ul class="list">
        {items.map((item, index) => (
          <li key={`${item.kind} ${item.what} ${index}`}>
            <Lozenge {...words[item.state]} /> {item.what} <small>{wordsOfKind(item.kind)}</small>
            {item.why !== undefined && <small class="below">{sentence(item.why)}</small>}
          </li>
        ))}
      </ul>
      {limits.length > 0 && (
        <>
          <p class="sub">What Bitbucket’s API cannot bring back:</p>
          <ul>
            {limits.map((limit) => (
              <li key={limit}>
                <small>{sentence(limit)}</small>
              </li>
            ))}
          </ul>
        </>
      )}
    </details>
  );
}
