import { availableParallelism, cpus, loadavg, release, totalmem } from 'node:os';
import { execFileSync } from 'node:child_process';
import { formatBytes, formatCount, formatDuration } from '@gitprotect/shared/format';
import type { Round } from './round.ts';

/** Where the figures come from: those of two machines do not compare. */
export function machine() {
  return {
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryBytes: totalmem(),
    load: Number(loadavg()[0]?.toFixed(1)),
    system: `${process.platform} ${release()}`,
    node: process.versions.node,
    git: execFileSync('git', ['--version'], { encoding: 'utf8' }).trim().replace('git version ', ''),
  };
}

/** The figures of one kind of repo: medians, and for memory, disk and requests the worst. */
export function figuresOf(kind: string, rounds: readonly Round[]) {
  const middle = (pick: (round: Round) => number): number => rounds.map(pick).toSorted((a, b) => a - b)[Math.floor(rounds.length / 2)] ?? 0;
  const worst = (pick: (round: Round) => number): number => Math.max(...rounds.map(pick));
  return {
    kind,
    rounds: rounds.length,
    storedBytes: worst(({ storedBytes }) => storedBytes),
    cloneMilliseconds: middle(({ clone }) => clone.milliseconds),
    cloneCpuMilliseconds: middle(({ clone }) => clone.cpuMilliseconds),
    backupMilliseconds: middle(({ backup }) => backup.milliseconds),
    backupCpuMilliseconds: middle(({ backup }) => backup.cpuMilliseconds),
    ratio: middle(({ backup, clone }) => backup.milliseconds / clone.milliseconds),
    cpuRatio: middle(({ backup, clone }) => backup.cpuMilliseconds / clone.cpuMilliseconds),
    backupPeakMemory: worst(({ backup }) => backup.peakMemory),
    bytesBesideTheBackup: worst(({ bytesBeside }) => bytesBeside),
    unchangedMilliseconds: middle(({ unchanged }) => unchanged.milliseconds),
    unchangedGitRequests: worst(({ unchangedRequests }) => unchangedRequests),
    restoreMilliseconds: middle(({ restore }) => restore.milliseconds),
    restoreCpuMilliseconds: middle(({ restore }) => restore.cpuMilliseconds),
    restorePeakMemory: worst(({ restore }) => restore.peakMemory),
  };
}

type FiguresOfKind = ReturnType<typeof figuresOf>;

export function heading({ processor, cores, memoryBytes, load, system, node, git }: ReturnType<typeof machine>): string {
  return `${processor}, ${formatCount(cores, 'core')}, ${formatBytes(memoryBytes)}, load ${load}, ${system}; node ${node}, git ${git}`;
}

/** A table for people. */
export function table(figures: FiguresOfKind): string {
  const time = (wall: number, cpu: number): string => `${formatDuration(wall).padEnd(8)} CPU ${formatDuration(cpu).padEnd(8)}`;
  return `
${figures.kind}: ${formatBytes(figures.storedBytes)} stored; ${formatCount(figures.rounds, 'round')} in turn, medians
  git clone --mirror            ${time(figures.cloneMilliseconds, figures.cloneCpuMilliseconds)}
  backup, sealed and committed  ${time(figures.backupMilliseconds, figures.backupCpuMilliseconds)} ${figures.ratio.toFixed(2)} × the time, ${figures.cpuRatio.toFixed(2)} × the CPU
    agent memory at its peak    ${formatBytes(figures.backupPeakMemory)}
    on disk beside the backup   ${formatBytes(figures.bytesBesideTheBackup)}
  the same again, unchanged     ${formatDuration(figures.unchangedMilliseconds).padEnd(8)} ${formatCount(figures.unchangedGitRequests, 'git request')}
  restored and compared         ${time(figures.restoreMilliseconds, figures.restoreCpuMilliseconds)} hashed and checked by git
    agent memory at its peak    ${formatBytes(figures.restorePeakMemory)}`;
}
