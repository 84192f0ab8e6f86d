import type { Site } from '../../../agent/messages.ts';
import { ActionResult } from '../../../ui/parts/action-result.tsx';
import { Button } from '../../../ui/parts/button.tsx';
import { Lozenge } from '../../../ui/parts/lozenge.tsx';
import { useAction } from '../../../ui/store/use-action.ts';
import { useStore } from '../../../ui/store/use-store.ts';

/** One site that was enabled here. */
export function SiteLine({ site: { url, permitted }, onEnable }: { site: Site; onEnable: () => void }) {
  const store = useStore();
  const disabling = useAction(async () => {
    await store.local('disableSite', { url });
    await store.refresh('sites');
  });
  return (
    <li>
      <div class="row">
        <span class="grow">
          {url}{' '}
          <Lozenge
            {...(permitted ? ({ tone: 'ok', text: 'enabled' } as const) : ({ tone: 'warn', text: 'permission taken away' } as const))}
          />
        </span>
        {!permitted && (
          <Button onClick={onEnable} label={`Enable on ${url} again`}>
            Enable again
          </Button>
        )}
        <Button look="quiet" busy={disabling.busy} onClick={() => void disabling.run()} label={`Disable on ${url}`}>
          Disable
        </Button>
      </div>
      <ActionResult action={disabling} />
    </li>
  );
}
