import { soakAgents } from './agents.ts';
import { soakDamage } from './damage.ts';
import { soakKills } from './kills.ts';
import { soakYear } from './year.ts';

/*
 * Long tests, each by its name: npm run soak -- agents [--minutes 5] | damage [--seed N] | kills [--count 200 | --stride 1 --first 1] | year [--days 365]. Each tells how
 * far it is on standard error, and ends with 1 when a promise was broken. Small versions of the others are in the suite; of the agents, what they found.
 */
const soaks: Readonly<Record<string, (args: readonly string[]) => Promise<readonly string[]>>> = {
  agents: soakAgents,
  damage: soakDamage,
  kills: soakKills,
  year: soakYear,
};

const [name = '', ...args] = process.argv.slice(2);
const soak = soaks[name];
if (soak === undefined) {
  console.error(`npm run soak -- ${Object.keys(soaks).join(' | ')}`);
  process.exitCode = 1;
} else {
  const broken = await soak(args);
  console.log(broken.length === 0 ? 'every promise was kept' : `broken:\n${broken.join('\n')}`);
  process.exitCode = broken.length === 0 ? 0 : 1;
}
