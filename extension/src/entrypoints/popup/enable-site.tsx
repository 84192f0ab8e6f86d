import { fromReport } from '@gitprotect/shared/errors';
import { isWithin } from '@gitprotect/shared/server';
import { ActionResult } from '../../ui/parts/action-result.tsx';
import { Button } from '../../ui/parts/button.tsx';
import { valueOf } from '../../ui/store/loadable.ts';
import { useAction } from '../../ui/store/use-action.ts';
import { useStore } from '../../ui/store/use-store.ts';
import { useEffect, useState } from 'preact/hooks';
import { activeTab, type ActiveTab } from './active-tab.ts';
import { siteToOffer } from './site-to-offer.ts';

/** On a Bitbucket whose pages do not carry our buttons yet: the offer to put them there. */
export function EnableSite() {
  const store = useStore();
  const [tab, setTab] = useState<ActiveTab | null>(null);
  useEffect(() => void activeTab().then(setTab), []);
  const sites = valueOf(store.sites.current);
  const servers = valueOf(store.servers.current) ?? [];
  // Nothing may come between the click and the browser's question: the permission is asked for in the first step.
  const enabling = useAction(async (url: string) => {
    const site = await store.enableSite(url);
    await store.refresh('sites');
    if (site !== null && site.problem !== null) throw fromReport(site.problem);
    return site === null ? 'Not enabled: the browser was not given permission.' : 'Enabled. Reload the page if its buttons do not show.';
  });
  const offer = tab === null || sites === undefined ? null : siteToOffer(tab, sites, servers);
  if (offer === null || tab === null) return <ActionResult action={enabling} />;
  const again = sites?.some(({ url, permitted }) => !permitted && isWithin(url, tab.url)) === true;
  return (
    <section class="card">
      <p>
        {again
          ? 'This browser took back its permission for this Bitbucket: the buttons on its token page are gone.'
          : 'Put “Add to GitProtect” beside the HTTP access tokens of this Bitbucket.'}
      </p>
      <Button look="primary" busy={enabling.busy} onClick={() => void enabling.run(offer)}>
        Enable on {new URL(offer).host}
      </Button>
      <ActionResult action={enabling} />
    </section>
  );
}
