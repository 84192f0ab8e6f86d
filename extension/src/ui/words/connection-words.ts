import type { Connection } from '../../agent/messages.ts';
import type { Word } from './tone.ts';

/** The agent in a word or two. `null`: nobody has answered yet. */
export function connectionWord(connection: Connection | null): Word {
  switch (connection?.state) {
    case undefined:
      return { tone: 'plain', text: 'asking the agent…' };
    case 'unpaired':
      return { tone: 'warn', text: 'not paired yet' };
    case 'offline':
      return { tone: 'bad', text: 'agent not running' };
    case 'not-your-agent':
      return { tone: 'bad', text: 'not your agent' };
    case 'refused':
      return { tone: 'bad', text: 'agent refused' };
    case 'connected':
      return { tone: 'ok', text: 'agent connected' };
  }
}

export const startCommand = 'npx gitprotect-agent start';
export const pairCommand = 'npx gitprotect-agent pair';
