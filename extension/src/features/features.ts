import { offerNewToken } from './offer-new-token.tsx';
import type { StartFeature } from './page.ts';
import { rowButtons } from './row-buttons.tsx';
import { topPanel } from './top-panel.tsx';

/** Everything we add to a page of tokens. Each works without the others. */
export const features: readonly StartFeature[] = [rowButtons, topPanel, offerNewToken];
