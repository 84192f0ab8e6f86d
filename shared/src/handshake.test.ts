import { describe, expect, test } from 'vitest';
import { frameKeys, importKey, isProof, newNonce, prove, type Terms } from './handshake.ts';

const key = await importKey(new Uint8Array(32).fill(9));
const terms: Terms = { pairing: 'p1', origin: 'chrome-extension://abc', port: 7717, clientNonce: newNonce(), agentNonce: newNonce() };

describe('a proof', () => {
  test('holds for its role and terms', async () => {
    for (const role of ['agent', 'client'] as const) expect(await isProof(key, role, terms, await prove(key, role, terms))).toBe(true);
  });

  test.each<[string, Partial<Terms>]>([
    ['port', { port: 7718 }],
    ['origin', { origin: 'chrome-extension://abd' }],
    ['pairing', { pairing: 'p2' }],
    ['kind of pairing', { pairing: null }],
    ['client nonce', { clientNonce: newNonce() }],
    ['agent nonce', { agentNonce: newNonce() }],
    ['order of the nonces', { clientNonce: terms.agentNonce, agentNonce: terms.clientNonce }],
  ])('does not hold with another %s', async (_, change) => {
    expect(await isProof(key, 'agent', { ...terms, ...change }, await prove(key, 'agent', terms))).toBe(false);
  });

  test('of the agent is none of the client: it cannot be sent back', async () => {
    expect(await isProof(key, 'client', terms, await prove(key, 'agent', terms))).toBe(false);
  });

  test('is not made with another key, and nonsense is none', async () => {
    expect(await isProof(await importKey(new Uint8Array(32)), 'agent', terms, await prove(key, 'agent', terms))).toBe(false);
    for (const mac of ['', 'a', '!', newNonce()]) expect(await isProof(key, 'agent', terms, mac)).toBe(false);
  });
});

test('keys never give their bytes back', async () => {
  const { toAgent, toClient } = await frameKeys(key, terms);
  for (const each of [key, toAgent, toClient]) expect(each.extractable).toBe(false);
});
