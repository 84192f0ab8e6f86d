import { describe, expect, test } from 'vitest';
import { siteToOffer } from './site-to-offer.ts';

const tab = (url: string, title = '') => ({ url, title });

describe('the offer to enable a site', () => {
  test.for([
    ['by its host', 'https://bitbucket.example.com/', '', 'https://bitbucket.example.com'],
    ['by its title', 'https://code.example.com/git/dashboard', 'Dashboard - Bitbucket', 'https://code.example.com/git'],
    ['by its paths', 'https://code.example.com/projects/ORCH/repos/core/browse', '', 'https://code.example.com'],
  ] as const)('knows a Bitbucket %s', ([, url, title, base]) => {
    expect(siteToOffer(tab(url, title), [], [])).toBe(base);
  });

  test.for(['https://news.example.com/article', 'https://bitbucket.org/team/repo', 'chrome://extensions', 'file:///bitbucket'])(
    'is not made on %s',
    (url) => {
      expect(siteToOffer(tab(url), [], [])).toBeNull();
    },
  );

  test('is made on a server the agent knows, whatever it looks like', () => {
    expect(siteToOffer(tab('https://code.example.com/scm/x'), [], [{ url: 'https://code.example.com/scm' }])).toBe(
      'https://code.example.com/scm',
    );
  });

  test('is made again when the browser took its permission back, and not while it stands', () => {
    const url = 'https://bitbucket.example.com';
    expect(siteToOffer(tab(`${url}/dashboard`), [{ url, permitted: true, problem: null }], [])).toBeNull();
    expect(siteToOffer(tab(`${url}/dashboard`), [{ url, permitted: false, problem: null }], [])).toBe(url);
  });
});
