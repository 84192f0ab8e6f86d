import { randomInt } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Damage, damages } from '../damage.ts';
import { kindWord } from '../every-kind.ts';
import { dice } from '../soak/dice.ts';

/* Some of what `npm run soak -- damage` does to every object. */

let damage: Damage;
beforeAll(async () => {
  damage = await Damage.start();
}, 240_000);
afterAll(() => damage[Symbol.asyncDispose]());

test('one object of each kind that is flipped, cut, gone or another’s is named, and nothing else is', async () => {
  const seed = randomInt(1, 2_147_483_646);
  const rolled = dice(seed);
  const ways = Object.keys(damages);
  for (const [kind, ofKind] of Map.groupBy(damage.objects.keys(), (name) => kindWord(name))) {
    const object = ofKind[rolled(ofKind.length)] ?? '';
    const how = ways[rolled(ways.length)] ?? '';
    const tried = await damage.try(object, how, { dice: rolled, drill: false, heal: false });
    expect(tried, `seed ${seed}`).toMatchObject({ kind, wrong: [] });
  }
});

test('what Bitbucket still has is taken anew by the next run, and what the agent knows is written again', async () => {
  const rolled = dice(1);
  const named = (words: string): string => [...damage.objects.keys()].findLast((name) => name.includes(words)) ?? '';
  const { repo } = damage.every.stage;
  // What no snapshot is read from needs no drill.
  for (const [object, healed, drill] of [
    [named('/lfs/'), true, true],
    // Older snapshots go on needing it.
    [named(`/repos/${repo.id}/bundles/`), false, true],
    [named('.sha256'), true, false],
    [named('.sig'), true, false],
    [named('/holds/'), true, false],
    [named('/leans/'), true, false],
  ] as const)
    expect(await damage.try(object, 'flipped somewhere', { dice: rolled, drill, heal: true })).toMatchObject({ object, wrong: [], healed });
});
