import { randomInt } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { dice } from '../soak/dice.ts';
import { KillStage } from '../soak/kill-stage.ts';
import { atMoments, atSteps } from '../soak/kills.ts';

/** Another one each time, so that in time all steps are met. `npm run soak -- kills` kills at many more of them, with forks. */
const seed = randomInt(1, 2 ** 31 - 1);
const roll = dice(seed);
/** A small object is put in three steps: with a multiple of that, each of those would be hit in the same one. */
const stride = 97;

let stage: KillStage;
beforeAll(async () => {
  stage = await KillStage.start({ forks: false });
}, 240_000);
afterAll(() => stage[Symbol.asyncDispose]());

test(`a day of backup, merging, pruning and copying is killed at some of its steps and at some moments: seed ${seed}`, async () => {
  const met: string[] = [];
  const told = (what: string): void => void met.push(what);
  const steps = await atSteps(stage, { stride, first: 1 + roll(stride) }, told);
  expect(steps.broken).toEqual([]);
  const did = ['put bundle', 'put manifest', 'put merge', 'put mark', 'removed manifest'].map((what) => `having ${what} in storage`);
  expect([...steps.done]).toEqual(expect.arrayContaining([...did, 'having put manifest in offsite', 'having removed manifest in offsite']));
  const moments = await atMoments(stage, { count: 1, seed: 1 + roll(1_000_000) }, told);
  expect(moments.broken).toEqual([]);
  expect(met.length).toBeGreaterThanOrEqual(2);
}, 900_000);
