import type { Token } from '../bitbucket/model.ts';

const escape = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
const page = (main: string, style = '') =>
  `<!DOCTYPE html><html lang="en"><meta charset="utf-8"><title>Tokens</title><style>body { font: 14px sans-serif; margin: 24px; } ${style}</style><body><h1>Account</h1><main>${main}</main></body></html>`;
const day = (token: Token) => new Date(token.createdDate).toLocaleDateString('de');

/**
 * Token pages whose markup neither the extension nor the simulator's own variants were made with. Each row has one button named
 * *Mine*, to tell where it is.
 */
export const unseenPages: Readonly<Record<string, (tokens: readonly Token[]) => string>> = {
  'a German table with check boxes and a header that sticks': (tokens) =>
    page(
      `<h2>HTTP-Zugriffstoken</h2><div class="scroll"><table><thead><tr><th><input type="checkbox" aria-label="Alle"></th><th>Bezeichnung</th><th>Angelegt</th><th></th></tr></thead><tbody>${tokens
        .map(
          (token) =>
            `<tr><td><input type="checkbox" aria-label="${escape(token.name)} auswählen"></td><th scope="row"><bdi>${escape(token.name)}</bdi></th><td>${day(token)}</td><td><button>Mine</button></td></tr>`,
        )
        .join('')}</tbody></table></div>`,
      '.scroll { max-height: 600px; overflow-y: auto; } thead th { position: sticky; top: 0; background: #fff; } td, th { padding: 6px; text-align: left; }',
    ),

  'a grid whose rows have no box of their own': (tokens) =>
    page(
      `<h2>Tokens</h2><section class="grid">${tokens.map((token) => `<article><span>${escape(token.name)}</span><time>${day(token)}</time><span><button>Mine</button></span></article>`).join('')}</section>`,
      '.grid { display: grid; grid-template-columns: 1fr 1fr 1fr; gap: 8px; } article { display: contents; }',
    ),

  'names that stand in buttons only': (tokens) =>
    page(
      `<h2>Tokens</h2><div>${tokens.map((token) => `<div class="r"><button type="button" aria-expanded="false">▸ <b>${escape(token.name)}</b></button><button>Mine</button></div>`).join('')}</div>`,
      '.r { padding: 6px; }',
    ),

  'a list inside details': (tokens) =>
    page(
      `<h2>Tokens</h2><details open><summary>${tokens.length} tokens</summary><menu>${tokens.map((token) => `<li><p><strong>${escape(token.name)}</strong><br><em>${token.permissions.join(' ')}</em></p><p><button>Mine</button></p></li>`).join('')}</menu></details>`,
    ),

  'custom elements, each with an open shadow root': (tokens) =>
    page(
      `<h2>Tokens</h2><x-list>${tokens.map((token) => `<x-token><template shadowrootmode="open"><style>:host { display: flex; gap: 12px; padding: 6px; }</style><div>${escape(token.name)}</div><div>${day(token)}</div><div><button>Mine</button></div></template></x-token>`).join('')}</x-list>`,
    ),

  'rows that come in pages while one scrolls': (tokens) =>
    page(
      `<h2>Tokens</h2><ul></ul><p class="end">…</p><script>
        const names = ${JSON.stringify(tokens.map(({ name }) => name)).replaceAll('<', '\\u003c')};
        let shown = 0;
        const more = () => {
          for (const name of names.slice(shown, (shown += 3))) {
            const row = document.createElement('li');
            row.innerHTML = '<div></div><button>Mine</button>';
            row.firstChild.textContent = name;
            document.querySelector('ul').append(row);
          }
        };
        new IntersectionObserver(([entry]) => entry.isIntersecting && shown < names.length && more()).observe(document.querySelector('.end'));
        document.addEventListener('scroll', () => shown < names.length && scrollY + innerHeight > document.body.scrollHeight - 50 && more());
        more();
      </script>`,
      'li { height: 220px; }',
    ),

  'tabs of which only one is shown, and a name in both': (tokens) =>
    page(
      `<h2>Tokens</h2><div role="tabpanel" hidden><ul>${tokens.map((token) => `<li>${escape(token.name)} <button>Hidden</button></li>`).join('')}</ul></div><div role="tabpanel"><dl>${tokens.map((token) => `<div><dt>${escape(token.name)}</dt><dd>${day(token)} <button>Mine</button></dd></div>`).join('')}</dl></div>`,
      'dl > div { padding: 6px; border-bottom: 1px solid #ccc; }',
    ),
};
