import { afterEach, describe, expect, test } from 'vitest';
import { findShownSecrets } from './fresh-secret.ts';

const secret = btoa('000000000042:01234567890123456789');
const prefixed = `BBDC-${secret}`;
const hidden = `BBDC-${'Zz9+'.repeat(11)}`;

afterEach(() => document.body.replaceChildren());

function find(html: string) {
  document.body.innerHTML = html;
  return findShownSecrets(document.body).map(({ secret, tokenId }) => ({ secret, tokenId }));
}
const found = [{ secret, tokenId: '000000000042' }];

describe('a secret shown by the page', () => {
  test('is found in any kind of element', () => {
    expect(find(`<p>Copy it now: ${secret}.</p>`)).toEqual(found);
    expect(find(`<input readonly value="${secret}">`)).toEqual(found);
    expect(find(`<textarea> ${secret} </textarea>`)).toEqual(found);
    expect(find(`<div role="dialog"><code>${secret}</code></div>`)).toEqual(found);
    expect(find(`<div role="alert">Token created <b>${secret}</b></div>`)).toEqual(found);
  });

  test('is found in a field whose value is no attribute', () => {
    document.body.innerHTML = '<input>';
    const field = document.querySelector('input');
    if (field !== null) field.value = prefixed;
    expect(findShownSecrets(document.body)).toMatchObject([{ secret: prefixed, tokenId: '000000000042', element: field }]);
  });

  test('is found split over elements and lines', () => {
    const parts = secret.match(/.{1,4}/g) ?? [];
    expect(find(`<p>Token: <code>${parts.map((part) => `<span>${part}</span>`).join('')}</code></p>`)).toEqual(found);
    expect(find(`<pre>\n  ${parts.join('\n  ')}\n</pre>`)).toEqual(found);
  });

  test('is found in an open shadow root', () => {
    document.body.innerHTML = '<x-flag></x-flag>';
    const root = document.querySelector('x-flag')?.attachShadow({ mode: 'open' });
    if (root) root.innerHTML = `<b>${secret}</b>`;
    expect(findShownSecrets(document.body).map((shown) => shown.secret)).toEqual([secret]);
  });

  test('is found by the prefix alone where the id is hidden', () => {
    expect(find(`<code>${hidden}</code>`)).toEqual([{ secret: hidden, tokenId: null }]);
  });

  test('is told once, however often it is shown', () => {
    expect(find(`<input value="${secret}"><p>${secret}</p><p>${secret}</p>`)).toEqual(found);
  });
});

describe('what is no secret', () => {
  test('stays unseen', () => {
    expect(find(`<script>var a = "${secret}"</script><p>${'a'.repeat(44)}</p><p>${secret}A</p><p>x${secret}</p><p>${secret}=</p>`)).toEqual(
      [],
    );
  });
});
