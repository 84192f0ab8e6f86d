import { AppError } from '@gitprotect/shared/errors';
import type { Command, Program } from '../command.ts';
import { findHolder } from '../../lib/lock.ts';
import { launchAgent } from '../install/launchd.ts';
import { isOurs, removeMarked, writeMarked } from '../install/marked-file.ts';
import type { Recipe, Step } from '../install/recipe.ts';
import { scheduledTask } from '../install/scheduled-task.ts';
import { systemdUnit } from '../install/systemd.ts';
import { inWords, takeSteps, type Taken } from '../install/take-steps.ts';

export const serviceCommands: readonly Command[] = [
  {
    name: 'service install',
    usage: '[--dry-run]',
    summary: 'start the agent at every login, and again when it fails',
    options: { 'dry-run': { type: 'boolean' } },
    takes: [0, 0],
    run: async ({ terminal, program, signal }, args) => {
      const recipe = recipeFor(program);
      const { file, content } = recipe;
      if (args.flag('dry-run')) {
        const steps = recipe.start.map(inWords);
        terminal.result({ file, content, steps }, content.replace(/^\uFEFF/, ''));
        terminal.note(`would be written to ${file}, then run:\n${steps.map((step) => `  ${step}`).join('\n')}`);
        return;
      }
      const how = await writeMarked(recipe);
      terminal.note(how === 'unchanged' ? `${file} is already as it should be` : `${how}: ${file}`);
      const holder = how === 'written' ? await findHolder(program.home) : null;
      if (holder?.purpose === 'agent')
        terminal.note(`an agent already runs there (process ${holder.pid}): stop it, or the service cannot start`);
      // launchd takes a changed description only anew.
      if (program.platform === 'darwin' && how !== 'written') await takeSteps(recipe.stop, signal);
      const started = await takeSteps(recipe.start, signal);
      if (started.outcome !== 'done') {
        const remedy = `in a login session of the user it is for, run: ${joined(recipe.start)}; where there is none, as in a container, let that start the agent: gitprotect-agent start`;
        throw notDone(started, `the service is described in ${file}, but not started`, remedy);
      }
      terminal.result({ file, change: how, started: true }, `the agent runs as a service, with ${program.home} as its folder`);
      for (const note of recipe.notes) terminal.note(note);
    },
  },
  {
    name: 'service remove',
    usage: '[--dry-run]',
    summary: 'no longer start the agent at login; everything it keeps stays',
    options: { 'dry-run': { type: 'boolean' } },
    takes: [0, 0],
    run: async ({ terminal, program, signal }, args) => {
      const recipe = recipeFor(program);
      const { file } = recipe;
      if (!(await isOurs(recipe))) {
        terminal.result({ file, change: 'unchanged' }, `no service is installed: there is no ${file}`);
        return;
      }
      const steps = [...recipe.stop, ...recipe.forget].map(inWords);
      if (args.flag('dry-run')) {
        terminal.result({ file, steps }, `would remove ${file}, and run:\n${steps.map((step) => `  ${step}`).join('\n')}`);
        return;
      }
      const stopped = await takeSteps(recipe.stop, signal);
      await removeMarked(recipe);
      // Without the program that runs services, none runs.
      if (stopped.outcome === 'failed') {
        const remedy = `in a login session of the user it was for, run: ${joined([...recipe.stop, ...recipe.forget])}`;
        throw notDone(stopped, `${file} is removed, but the service may still run`, remedy);
      }
      await takeSteps(recipe.forget, signal);
      terminal.result({ file, change: 'removed' }, `removed ${file}; the agent's folder ${program.home} stays as it is`);
    },
  },
];

/** @throws AppError `not-allowed` on a system that we write no service for */
function recipeFor(program: Program): Recipe {
  switch (program.platform) {
    case 'linux':
      return systemdUnit(program);
    case 'darwin':
      return launchAgent(program, process.getuid?.() ?? 0);
    case 'win32':
      return scheduledTask(program);
    default:
      throw new AppError('not-allowed', `there is no service to install on ${program.platform}`, {
        remedy: 'start the agent with what starts programs there: gitprotect-agent start',
      });
  }
}

function notDone(taken: Exclude<Taken, { outcome: 'done' }>, state: string, remedy: string): AppError {
  const why = taken.outcome === 'no-program' ? `there is no ${taken.program} here` : `“${taken.step}” failed: ${taken.said}`;
  return new AppError('service-not-started', `${state}: ${why}`, { remedy });
}

const joined = (steps: readonly Step[]): string => steps.map(inWords).join(' && ');
