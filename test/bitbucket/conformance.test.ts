import { describe, expect, test } from 'vitest';
import { asking } from './asking.ts';
import { conformance, operationsOf } from './conformance.ts';
import { referencePresent } from './openapi.ts';
import { Simulator } from './simulator.ts';

describe('the record of requests', () => {
  test('names the published operation of each, refused ones too, and keeps answers only while it is told to', async () => {
    await using simulator = await Simulator.start();
    const { state } = simulator;
    const alice = state.addUser({ name: 'alice' });
    const repo = state.addRepo({ project: state.addProject({ key: 'APP' }), name: 'shop' });
    state.grant(alice, 'REPO_READ', repo);
    const token = state.addToken({ user: alice, name: 'read', permissions: ['REPO_READ'] });
    const ask = asking(simulator, '/rest');
    await ask('GET', '/api/1.0/projects/APP', token);
    simulator.record = true;
    await ask('GET', '/api/latest/projects/APP/repos/shop', token);
    simulator.faults.add({ kind: 'throttle' });
    await ask('GET', '/git-lfs/admin/projects/APP/repos/shop/enabled', token);
    expect(simulator.requests.map(({ operation }) => operation)).toEqual([
      'GET /api/latest/projects/{projectKey}',
      'GET /api/latest/projects/{projectKey}/repos/{repositorySlug}',
      'GET /git-lfs/admin/projects/{projectKey}/repos/{repositorySlug}/enabled',
    ]);
    expect(simulator.requests.map(({ answer }) => (answer as { slug?: string } | undefined)?.slug)).toEqual([undefined, 'shop', undefined]);
    expect(operationsOf(simulator.requests)).toHaveLength(3);
  });

  test.skipIf(!referencePresent)('shows what is not as published', async () => {
    await using simulator = await Simulator.start();
    simulator.record = true;
    await fetch(`${simulator.url}/rest/api/latest/application-properties`);
    expect(conformance(simulator.requests)).toEqual([]);
    for (const record of simulator.requests) record.answer = { version: 10.4 };
    expect(conformance(simulator.requests)).toEqual(['GET /api/latest/application-properties 200: .version: 10.4 is no string']);
  });
});
