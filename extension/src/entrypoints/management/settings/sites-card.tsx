import { fromReport } from '@gitprotect/shared/errors';
import { parseServerUrl } from '@gitprotect/shared/server';
import { useState } from 'preact/hooks';
import type { Site } from '../../../agent/messages.ts';
import { ActionResult } from '../../../ui/parts/action-result.tsx';
import { Button } from '../../../ui/parts/button.tsx';
import { Loaded } from '../../../ui/parts/loaded.tsx';
import { TextField } from '../../../ui/parts/text-field.tsx';
import { valueOf } from '../../../ui/store/loadable.ts';
import { useAction } from '../../../ui/store/use-action.ts';
import { useStore } from '../../../ui/store/use-store.ts';
import { reasonOf } from '../../../ui/words/reason.ts';
import { SiteLine } from './site-line.tsx';

/** Bitbucket addresses whose pages carry our buttons. */
export function SitesCard() {
  const store = useStore();
  const [address, setAddress] = useState('');
  const problem = /[.:]/.test(address) ? reasonOf(() => parseServerUrl(address)) : undefined;
  const enabling = useAction(async (url: string) => {
    const site = await store.enableSite(url);
    if (site === null) return 'Not enabled: the browser was not given permission.';
    setAddress('');
    await store.refresh('sites', 'servers');
    if (site.problem !== null) throw fromReport(site.problem);
    return `Enabled on ${site.url}.`;
  });
  const servers = valueOf(store.servers.current) ?? [];
  const missing = (sites: readonly Site[]) => servers.filter((server) => !sites.some(({ url }) => url === server.url));
  return (
    <section class="card">
      <h2>Buttons in Bitbucket</h2>
      <p class="sub">“Add to GitProtect” stands beside the HTTP access tokens on these sites, and the extension sees no other page.</p>
      <Loaded from={store.sites}>
        {(sites) => (
          <ul class="list">
            {sites.map((site) => (
              <SiteLine key={site.url} site={site} onEnable={() => void enabling.run(site.url)} />
            ))}
            {missing(sites).map(({ id, url }) => (
              <li key={id} class="row">
                <span class="grow">
                  {url} <small>not enabled</small>
                </span>
                <Button busy={enabling.busy} onClick={() => void enabling.run(url)} label={`Enable on ${url}`}>
                  Enable
                </Button>
              </li>
            ))}
          </ul>
        )}
      </Loaded>
      <form
        class="row bottom"
        onSubmit={(event) => {
          event.preventDefault();
          void enabling.run(address);
        }}
      >
        <TextField
          label="Another site"
          code
          value={address}
          onInput={setAddress}
          problem={problem}
          placeholder="https://bitbucket.example.com"
        />
        <Button type="submit" busy={enabling.busy} disabled={address.trim() === '' || problem !== undefined}>
          Enable
        </Button>
      </form>
      <ActionResult action={enabling} />
    </section>
  );
}
