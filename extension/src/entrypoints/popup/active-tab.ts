import { browser } from 'wxt/browser';

/** The page in front of which the popup opened. */
export interface ActiveTab {
  readonly url: string;
  readonly title: string;
}

/** `null` where the browser does not say: it does for a tab on which the person has just opened the popup. */
export async function activeTab(): Promise<ActiveTab | null> {
  const [tab] = await browser.tabs.query({ active: true, currentWindow: true });
  return tab?.url === undefined ? null : { url: tab.url, title: tab.title ?? '' };
}
