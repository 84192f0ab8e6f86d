import { type Html, style } from './html.ts';
import type { PageView } from './page-view.ts';
import { variantParts } from './variants.ts';

const light = '--ground:#fff; --text:#172b4d; --line:#dfe1e6; --accent:#0052cc;';
const dark = '--ground:#1d2125; --text:#c7d1db; --line:#454f59; --accent:#579dff;';

const rules = `
:root { ${light} }
[data-color-mode=dark] { ${dark} color-scheme: dark; }
@media (prefers-color-scheme: dark) { [data-color-mode=auto] { ${dark} color-scheme: dark; } }
body { margin: 0; background: var(--ground); color: var(--text); font: 14px/1.45 system-ui, sans-serif; }
a, .aui-button-link { color: var(--accent); }
header[role=banner] { background: #0747a6; padding: 8px 20px; } header[role=banner] a { color: #fff; margin-right: 16px; }
header ul { display: inline-flex; list-style: none; margin: 0; padding: 0; } [hidden], .assistive { display: none; }
main { max-width: 1100px; padding: 20px; } .narrow main { max-width: 420px; }
footer[role=contentinfo] { border-top: 1px solid var(--line); padding: 12px 20px; font-size: 12px; }
table { border-collapse: collapse; width: 100%; } th, td { border-bottom: 1px solid var(--line); padding: 7px 10px; text-align: left; }
form label { display: inline-block; margin: 0 12px 12px 0; }
[role=row] { display: grid; grid-template-columns: 2fr 2fr 1fr 1fr 1fr 1.4fr; border-bottom: 1px solid var(--line); padding: 7px 0; }
.six-columns { display: grid; grid-template-columns: 2fr 2fr 1fr 1fr 1fr 1.4fr; gap: 6px; overflow-wrap: anywhere; }
[role=dialog]:not([hidden]) { position: fixed; inset: 20% 0 auto 0; margin: auto; width: 420px; padding: 20px; background: var(--ground); box-shadow: 0 0 0 100vmax #091e428a; }
.aui-flag { position: fixed; top: 70px; right: 20px; width: 340px; padding: 12px; background: var(--ground); border: 1px solid var(--line); overflow-wrap: anywhere; }
`;

/** The look all frames share: AUI's and Atlaskit's rules are not needed to find one's way in them. */
export function stylesheet(view: PageView): Html {
  return style(view.nonce, rules);
}

/** Attributes of the root element that choose language and theme. */
export function rootAttributes(view: PageView): { readonly language: string; readonly colorMode: string } {
  const { language = 'en', colorMode = 'light' } = variantParts(view.variant);
  return { language, colorMode };
}
