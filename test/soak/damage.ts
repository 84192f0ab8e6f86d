import { parseArgs } from 'node:util';
import { Damage, damages, type Tried } from '../damage.ts';
import { kindWord } from '../every-kind.ts';
import { dice, mostSeed } from './dice.ts';
import { wholeNumber } from './whole-number.ts';

/** Kinds that are put right by the agent alone, so that nothing stays to be said of them. */
const healing: ReadonlySet<string> = new Set(['list', 'signature', 'mark', 'void', 'hold', 'lean', 'drill', 'lfs']);

/**
 * Every object of a storage with all kinds of them, damaged in every way there is, one at a time: a verification names it and nothing else. Once for each
 * object every repo is drilled, and the next run and all upkeep follow. Says how many were tried, named and healed, by kind.
 * @param args `--seed N`; `--heals N`: no more objects of a kind are left to the agent; `--part 1/2`: every second object
 * @returns what is not as it should be
 */
export async function soakDamage(args: readonly string[]): Promise<readonly string[]> {
  const text = (value: string) => ({ type: 'string', default: value }) as const;
  const options = { seed: text('20261128'), heals: text('1000'), part: text('1/1') };
  const { values } = parseArgs({ args: [...args], options });
  const [nth = '', all = '', ...more] = values.part.split('/');
  const of = wholeNumber('--part: of', all);
  const part = wholeNumber('--part', more.length === 0 ? nth : values.part, of);
  const most = wholeNumber('--heals', values.heals);
  const rolled = dice(wholeNumber('--seed', values.seed, mostSeed));
  await using damage = await Damage.start();
  const tried: Tried[] = [];
  const names = [...damage.objects.keys()].filter((_, index) => index % of === part - 1);
  const heals = new Map<string, number>();
  console.error(`  seed ${values.seed}: ${names.length} objects, ${Object.keys(damages).length} ways`);
  for (const [index, name] of names.entries()) {
    for (const [way, how] of Object.keys(damages).entries()) {
      const first = way === index % Object.keys(damages).length;
      const before = heals.get(kindWord(name)) ?? 0;
      const heal = first && before < most;
      if (heal) heals.set(kindWord(name), before + 1);
      tried.push(await damage.try(name, how, { dice: rolled, drill: first, heal }));
    }
    if (index % 10 === 9)
      console.error(`  ${index + 1} objects, ${tried.filter(({ wrong }) => wrong.length > 0).length} not as it should be`);
  }
  for (const [kind, ofKind] of Map.groupBy(tried, (one) => one.kind)) {
    const objects = new Set(ofKind.map(({ object }) => object)).size;
    const left = ofKind.filter(({ healed }) => healed !== null);
    const healed = left.filter((one) => one.healed === true).length;
    const whole = ofKind.filter(({ wrong }) => wrong.length === 0).length;
    console.log(
      `${kind}: ${objects} objects, ${ofKind.length} damages, ${whole} named and nothing else; ${healed} of ${left.length} left to the agent are healed`,
    );
  }
  return tried.length === 0 ? [`--part ${values.part} has no object`] : tried.flatMap(brokenIn);
}

function brokenIn({ object, kind, how, wrong, healed }: Tried): string[] {
  const stays = healed === false && healing.has(kind) ? ['it is not healed'] : [];
  return [...wrong, ...stays].map((words) => `${object}, ${how}: ${words}`);
}
