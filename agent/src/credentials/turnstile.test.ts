import { expect, test } from 'vitest';
import { Turnstile } from './turnstile.ts';

const never = new AbortController().signal;

test('lets in as many as it has places, and the others in the order they came', async () => {
  const turnstile = new Turnstile(2);
  const [first, second] = [await turnstile.enter(never), await turnstile.enter(never)];
  const order: string[] = [];
  const third = turnstile.enter(never).then((leave) => (order.push('third'), leave));
  const fourth = turnstile.enter(never).then((leave) => (order.push('fourth'), leave));
  first();
  first();
  const leave = await third;
  expect(order).toEqual(['third']);
  second();
  await fourth;
  expect(order).toEqual(['third', 'fourth']);
  leave();
});

test('gives up a place in the queue when aborted, and nobody else loses theirs', async () => {
  const turnstile = new Turnstile(1);
  const leave = await turnstile.enter(never);
  const impatient = new AbortController();
  const gone = turnstile.enter(impatient.signal);
  const patient = turnstile.enter(never);
  impatient.abort(new Error('enough'));
  await expect(gone).rejects.toThrow('enough');
  leave();
  (await patient)();
  (await turnstile.enter(never))();
  await expect(turnstile.enter(impatient.signal)).rejects.toThrow('enough');
});
