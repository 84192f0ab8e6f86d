import { describe, expect, test } from 'vitest';
import { identify, siteOf } from './sender.ts';

const self = { id: 'ours', root: 'chrome-extension://ours/' };
const sites = ['https://git.example.com/bitbucket', 'http://10.0.0.5:7990'];
const page = 'https://git.example.com/bitbucket/plugins/servlet/access-tokens/manage';
const content = { id: 'ours', url: page, origin: 'https://git.example.com', frameId: 0, tab: {} };

describe('who is asking', () => {
  test('a page of the extension manages', () => {
    expect(identify({ id: 'ours', url: `${self.root}popup.html` }, self, [])).toEqual({ kind: 'management' });
    expect(identify({ id: 'ours', url: `${self.root}management.html#/plans`, frameId: 0, tab: {} }, self, [])).toEqual({
      kind: 'management',
    });
  });

  test('a content script asks for its page, whose address the browser tells', () => {
    expect(identify(content, self, sites)).toEqual({ kind: 'page', url: page });
    expect(identify({ ...content, url: 'http://10.0.0.5:7990/x', origin: undefined }, self, sites)).toEqual({
      kind: 'page',
      url: 'http://10.0.0.5:7990/x',
    });
  });

  const forged = {
    'another extension': { ...content, id: 'theirs' },
    'another extension that says nothing of itself': { ...content, id: undefined },
    'another extension with our address': { id: 'theirs', url: `${self.root}popup.html` },
    'an address that only begins like ours': { ...content, url: 'chrome-extension://ours.evil/popup.html', tab: undefined },
    'a frame inside the page': { ...content, frameId: 7 },
    'a frame with a page of ours': { id: 'ours', url: `${self.root}management.html`, frameId: 3 },
    'a site that is not enabled': { ...content, url: 'https://evil.example/bitbucket/', origin: 'https://evil.example' },
    'another port of the host': { ...content, url: 'http://10.0.0.5:8080/', origin: undefined },
    'http in place of https': { ...content, url: page.replace('https', 'http'), origin: undefined },
    'a path outside the context': { ...content, url: 'https://git.example.com/bitbucket-evil/' },
    'an origin that is not the address’s': { ...content, origin: 'https://evil.example' },
    'an opaque origin': { ...content, origin: 'null' },
    'no address': { ...content, url: undefined },
    'no address at all': { ...content, url: 'about:blank', origin: undefined },
    'a worker of the page': { ...content, tab: undefined },
  };
  test.each(Object.entries(forged))('nobody: %s', (_, sender) => {
    expect(identify(sender, self, sites)).toBeNull();
  });

  test('of two sites on one host the longer path is meant', () => {
    expect(siteOf('https://x/a/b/c', ['https://x/a', 'https://x/a/b'])).toBe('https://x/a/b');
    expect(siteOf('https://x/', ['https://x/a'])).toBeNull();
  });
});
