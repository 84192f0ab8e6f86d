import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { UpkeepResult } from '@gitprotect/shared/upkeep';
import * as v from 'valibot';
import { childCommand } from '../crash/run-child.ts';
import type { Dice } from './dice.ts';

const Said = v.object({
  run: v.optional(
    v.object({
      state: v.string(),
      problems: v.array(v.object({ code: v.string(), message: v.string() })),
      outcomes: v.array(
        v.object({
          repoId: v.number(),
          state: v.optional(v.string()),
          snapshotId: v.optional(v.string()),
          error: v.optional(v.object({ code: v.string(), message: v.string() })),
        }),
      ),
    }),
  ),
  upkeep: v.optional(v.array(UpkeepResult)),
  /** A fault of its storage. */
  injected: v.optional(v.string()),
});
export type Said = v.InferOutput<typeof Said>;

export interface LoopOptions {
  readonly home: string;
  readonly planId: string;
  readonly clockFile: string;
  readonly roll: Dice;
  /** Told what the agent says of its runs and its upkeep; and each step of its storage. */
  readonly onSaid: (said: Said) => void;
  readonly onStep: (step: string) => void;
}

/** One of so many steps of a storage fails, and an agent is killed after as many at most. */
const oneOfFails = 500;
const mostSteps = 1000;

/** An agent in a process of its own that backs up and looks after its storage all the time, is killed at some step or other, and is started again. */
export class LoopingAgent implements AsyncDisposable {
  readonly #options: LoopOptions;
  #child: ChildProcess | undefined;
  #over: Promise<void> = Promise.resolve();
  #stopping = false;
  /** How often it was killed, and what it ended with otherwise. */
  kills = 0;
  readonly failed: string[] = [];

  constructor(options: LoopOptions) {
    this.#options = options;
    this.#over = this.#live();
  }

  /** Kills it for good. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping = true;
    this.#child?.kill('SIGKILL');
    await this.#over;
  }

  async #live(): Promise<void> {
    while (!this.#stopping && this.failed.length === 0) await this.#once();
  }

  async #once(): Promise<void> {
    const { home, planId, clockFile, roll, onSaid, onStep } = this.#options;
    const [file, args, env] = childCommand('agent-child', [home, planId, clockFile, 1 + roll(1_000_000), oneOfFails]);
    const child = spawn(file, args, { env, stdio: ['pipe', 'pipe', 'pipe'] });
    this.#child = child;
    let errors = '';
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => (errors += chunk));
    child.stdin.on('error', () => undefined);
    const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
    let left = 1 + roll(mostSteps);
    for await (const line of createInterface({ input: child.stdout })) {
      if (line.startsWith('{')) onSaid(v.parse(Said, JSON.parse(line)));
      else {
        onStep(line);
        left -= 1;
        if (left === 0) child.kill('SIGKILL');
      }
    }
    await ended;
    if (child.signalCode !== 'SIGKILL') this.failed.push(`the agent ended with ${child.exitCode}: ${errors}`);
    else if (!this.#stopping) this.kills += 1;
  }
}
