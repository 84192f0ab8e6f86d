import { classNames } from './client/look.js';
import { type Html, style } from './html.ts';
import type { PageView } from './page-view.ts';
import { variantParts } from './variants.ts';

const light = '--ground:#fff; --text:#172b4d; --line:#dfe1e6; --quiet:#f1f2f4; --accent:#0052cc; --on-accent:#fff;';
const dark =
  '--ground:#1d2125; --text:#c7d1db; --line:#454f59; --quiet:#2c333a; --accent:#579dff; --on-accent:#1d2125; color-scheme: dark;';

const frame = `
:root { ${light} }
[data-color-mode=dark] { ${dark} }
@media (prefers-color-scheme: dark) { [data-color-mode=auto] { ${dark} } }
body { margin: 0; background: var(--ground); color: var(--text); font: 14px/1.45 system-ui, sans-serif; }
[hidden], .assistive { display: none; }
a { color: var(--accent); text-decoration: none; }
header[role=banner] { background: #0747a6; padding: 10px 24px; }
header[role=banner] a, header[role=banner] button { color: #fff; background: none; border: 0; margin-right: 16px; font: inherit; }
.aui-header-inner { display: flex; } .aui-header-secondary { margin-left: auto; } .aui-header-primary { display: flex; }
header ul { display: flex; list-style: none; margin: 0; padding: 0; }
.aui-page-header { padding: 0 24px; }
h1 { font-size: 24px; font-weight: 500; margin: 20px 0 0; } h2 { font-size: 18px; font-weight: 500; }
main { display: block; max-width: 1100px; padding: 16px 24px; } .narrow main { max-width: 420px; }
footer[role=contentinfo] { border-top: 1px solid var(--line); padding: 12px 24px; font-size: 12px; } footer ul { list-style: none; padding: 0; }
button, .aui-button, input[type=submit] { background: var(--quiet); color: inherit; border: 0; border-radius: 3px; padding: 5px 10px; font: inherit; cursor: pointer; }
.aui-button-primary { background: var(--accent); color: var(--on-accent); } .aui-button-link { background: none; color: var(--accent); }
input, select, textarea { font: inherit; color: inherit; background: var(--ground); border: 1px solid var(--line); border-radius: 3px; padding: 5px; }
#login-form { display: grid; gap: 8px; width: 300px; } form label { display: inline-block; margin: 0 12px 12px 0; } label textarea { display: block; }
`;

const tokens = (c: (part: string) => string) => `
.${c('tabs')} { display: flex; gap: 20px; border-bottom: 1px solid var(--line); padding-bottom: 8px; }
.${c('create')} { margin: 12px 0; } .${c('notice')}:not(:empty) { margin: 12px 0; }
table { border-collapse: collapse; width: 100%; } th, td { border-bottom: 1px solid var(--line); padding: 7px 10px; text-align: left; overflow-wrap: break-word; } td:last-child { white-space: nowrap; }
div.${c('row')}, li.${c('row')} { border-bottom: 1px solid var(--line); padding: 8px 0; box-sizing: border-box; overflow-wrap: anywhere; }
div.${c('row')} { display: flex; justify-content: space-between; align-items: start; gap: 12px; }
div.${c('row')} span + span::before { content: ' · '; } div.${c('row')} > :last-child { white-space: nowrap; }
div[role=row] { display: grid; grid-template-columns: 2fr 2fr 1fr 1fr 1fr 1.4fr; gap: 6px; }
.six-columns { display: grid; grid-template-columns: 2fr 2fr 1fr 1fr 1fr 1.4fr; gap: 6px; overflow-wrap: anywhere; }
[role=dialog]:not([hidden]) { position: fixed; inset: 15% 0 auto; margin: auto; width: min(420px, 80vw); padding: 20px; border-radius: 4px; background: var(--ground); box-shadow: 0 0 0 100vmax #091e428a; overflow-wrap: anywhere; }
.aui-flag { position: fixed; top: 70px; right: 20px; width: 340px; padding: 12px; background: var(--ground); border: 1px solid var(--line); border-radius: 4px; box-shadow: 0 4px 12px #091e4240; overflow-wrap: anywhere; }
`;

/** The look of a page: enough of AUI's and Atlaskit's to find one's way. */
export function stylesheet({ nonce, variant }: PageView): Html {
  return style(nonce, frame + tokens(classNames(variant, variantParts(variant).chrome)));
}

/** Attributes of the root element that choose language and theme. */
export function rootAttributes({ variant }: PageView): { readonly language: string; readonly colorMode: string } {
  const { language = 'en', colorMode = 'light' } = variantParts(variant);
  return { language, colorMode };
}
