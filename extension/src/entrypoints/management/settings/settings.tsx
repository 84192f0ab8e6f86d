import { browser } from 'wxt/browser';
import { AgentCard } from './agent-card.tsx';
import { BrowsersCard } from './browsers-card.tsx';
import { ProofCard } from './proof-card.tsx';
import { RecoveryKeyCard } from './recovery-key-card.tsx';
import { SitesCard } from './sites-card.tsx';
import { StorageCard } from './storage-card.tsx';
import { ThisBrowserCard } from './this-browser-card.tsx';

/** The agent, its vault and storage, and who may talk to it. */
export function Settings() {
  return (
    <>
      <div class="page-head">
        <h1>Settings</h1>
        <small>Extension {browser.runtime.getManifest().version}</small>
      </div>
      <div class="columns">
        <AgentCard />
        <StorageCard />
        <ProofCard />
        <RecoveryKeyCard />
        <SitesCard />
        <ThisBrowserCard />
        <BrowsersCard />
      </div>
    </>
  );
}
