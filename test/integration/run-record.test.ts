import { altered } from '@gitprotect/agent/storage/altered';
import { expect, test } from 'vitest';
import { World } from '../world.ts';

test('a run whose end cannot be written down ends all the same, keeps what it saved, and stands in nobody’s way', async () => {
  await using world = await World.start({
    decorateStorage: (storage) =>
      altered(storage, {
        put: async (name, source, options) => {
          const stored = await storage.put(name, source, options);
          // As a full disk would have it, from the moment the snapshot is committed.
          if (name.includes('/snapshots/')) await world.app.db.schema.alterTable('runs').renameTo('elsewhere').execute();
          return stored;
        },
      }),
  });
  world.addRepo('core');
  const plan = await world.plan([world.addReader('ann')]);
  const { runner, events, db } = world.app;
  const ended = new Promise<void>((resolve) => {
    events.subscribe(({ name }) => {
      if (name === 'changed' && !runner.running().has(plan.id)) resolve();
    });
  });
  await runner.start(plan.id, 'manual');
  await ended;
  await db.schema.alterTable('elsewhere').renameTo('runs').execute();
  expect(await world.call('snapshot.list', {})).toHaveLength(1);
  await world.restart({ decorateStorage: (storage) => storage });
  // It waited until it could be written.
  expect(await world.call('run.list', {})).toMatchObject([{ state: 'succeeded' }]);
  expect(await world.run(plan)).toMatchObject({ state: 'succeeded', counts: { unchanged: 1 } });
});
