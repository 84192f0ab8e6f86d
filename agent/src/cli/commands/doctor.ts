import { AppError } from '@gitprotect/shared/errors';
import type { Finding } from '@gitprotect/shared/finding';
import { formatCount } from '@gitprotect/shared/format';
import type { Command, Context } from '../command.ts';
import { bad, good, warning } from '../terminal.ts';

export const doctorCommands: readonly Command[] = [
  {
    name: 'doctor',
    usage: '',
    summary: 'look at everything a backup depends on, and say what to put right',
    takes: [0, 0],
    run: async (context) => {
      const findings = await findingsOf(context);
      context.terminal.result(findings, describe(findings));
      return findings.some(({ state }) => state === 'problem') ? 1 : 0;
    },
  },
];

async function findingsOf({ session, examineClosed, signal }: Context): Promise<readonly Finding[]> {
  let opened;
  try {
    opened = await session();
  } catch (error) {
    if (signal.aborted || !(error instanceof AppError)) throw error;
    return examineClosed(error);
  }
  return opened.call('agent.doctor', {});
}

const paint = { ok: good, warning, problem: bad } as const;

/** One line for each finding, and one for its remedy below it. */
function describe(findings: readonly Finding[]): string {
  const count = (state: Finding['state']) => findings.filter((finding) => finding.state === state).length;
  const lines = findings.map(
    ({ area, state, message, remedy }) =>
      `${paint[state](state.padEnd(7))}  ${area.padEnd(10)}  ${message}${remedy === null ? '' : `\n${' '.repeat(21)}→ ${remedy}`}`,
  );
  return [...lines, '', `${formatCount(count('problem'), 'problem')}, ${formatCount(count('warning'), 'warning')}, ${count('ok')} ok`].join(
    '\n',
  );
}
