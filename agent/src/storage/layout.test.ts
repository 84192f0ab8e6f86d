import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  kindOf,
  lfsName,
  listName,
  manifestName,
  newBundleName,
  newLeanName,
  newMetadataName,
  newProjectMetadataName,
  runRecordName,
  signatureName,
  snapshotId,
} from './layout.ts';
import { isObjectName } from './object-name.ts';

const serverId = fc.stringMatching(/^[a-z][a-z0-9_]{0,20}$/);
const repo = fc.record({ serverId: serverId.filter(isObjectName), repoId: fc.nat() });
const sequence = fc.integer({ min: 1, max: 99_999_999 });

const manifest = (id: string): string => `servers/s/repos/1/snapshots/${id}.json.zst.age`;

describe('names', () => {
  test('of snapshots sort as their numbers do', () => {
    fc.assert(
      fc.property(sequence, sequence, (a, b) => {
        expect(snapshotId(a) < snapshotId(b)).toBe(a < b);
      }),
    );
  });

  test('are names of objects, and say again what they were made of', () => {
    fc.assert(
      fc.property(repo, sequence, (place, number) => {
        const id = snapshotId(number);
        const names = [manifestName(place, id), newBundleName(place, id), newMetadataName(place, id), newLeanName(place, id, number)];
        expect(names.every(isObjectName)).toBe(true);
        expect(names.map(kindOf)).toEqual([
          { kind: 'manifest', id, sequence: number, ...place },
          { kind: 'bundle', id, ...place },
          { kind: 'metadata', id, ...place },
          { kind: 'lean', id, forkId: number, ...place },
        ]);
        const ofServer = [
          lfsName(place.serverId, 'ab'.repeat(32)),
          newProjectMetadataName(place.serverId, 'project_1', 'run_1'),
          runRecordName(place.serverId, id),
          listName(place.serverId, id),
          signatureName(listName(place.serverId, id)),
        ];
        expect(ofServer.every(isObjectName)).toBe(true);
        expect(ofServer.map((name) => kindOf(name).kind)).toEqual(['lfs', 'project', 'run', 'list', 'signature']);
      }),
    );
  });

  test('of bundles differ each time, so that an orphan is never in the way', () => {
    const place = { serverId: 's', repoId: 1 };
    expect(newBundleName(place, '00000001')).not.toBe(newBundleName(place, '00000001'));
    expect(newBundleName(place, '00000001')).toMatch(/^servers\/s\/repos\/1\/bundles\/00000001-[a-z0-9]{12}\.bundle\.age$/);
  });

  test('that say a snapshot in another way are nothing of ours', () => {
    for (const id of ['000000012', '00000001-x', '1', '../00000001']) expect(kindOf(manifest(id))).toEqual({ kind: 'other' });
    expect(kindOf('gitprotect.json')).toEqual({ kind: 'other' });
  });
});
