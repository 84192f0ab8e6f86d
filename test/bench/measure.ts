import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** One finished process: wall time, CPU of it and its children, and its largest resident size (`VmHWM`) in bytes. */
export interface Figures {
  readonly milliseconds: number;
  readonly cpuMilliseconds: number;
  readonly peakMemory: number;
  readonly stdout: string;
}

/** CPU ticks a second, as Linux counts them for processes. */
const ticks = 100;

/** Runs a program to its end and measures it. `sample` is called about every 50 ms while it runs. Rejects when it fails. */
export async function measure(
  command: string,
  args: readonly string[],
  env: Record<string, string>,
  more: { input?: string; sample?: () => void } = {},
): Promise<Figures> {
  const started = performance.now();
  const child = spawn(command, args, { env: { PATH: process.env['PATH'], HOME: '/nonexistent', ...env }, stdio: ['pipe', 'pipe', 'pipe'] });
  let [stdout, stderr, peakMemory, cpuMilliseconds] = ['', '', 0, 0];
  child.stdout.on('data', (text: Buffer) => (stdout += text.toString()));
  child.stderr.on('data', (text: Buffer) => (stderr += text.toString()));
  child.stdin.end(more.input ?? '');
  const look = () => {
    const { pid } = child;
    if (pid !== undefined) {
      peakMemory = Math.max(peakMemory, peakOf(pid));
      cpuMilliseconds = Math.max(cpuMilliseconds, cpuOf(pid));
    }
    more.sample?.();
  };
  const timer = setInterval(look, 50);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  clearInterval(timer);
  const milliseconds = performance.now() - started;
  if (code !== 0) throw new Error(`${command} ${args[0] ?? ''} ended with ${code}: ${stderr}${stdout}`);
  return { milliseconds, cpuMilliseconds, peakMemory, stdout };
}

function peakOf(pid: number): number {
  const found = /^VmHWM:\s+(\d+) kB/m.exec(read(`/proc/${pid}/status`));
  return found === null ? 0 : Number(found[1]) * 1024;
}

/** The process and those of its children that have ended or still run. */
function cpuOf(pid: number): number {
  const fields = read(`/proc/${pid}/stat`).split(') ')[1]?.split(' ') ?? [];
  const own = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
  const children = read(`/proc/${pid}/task/${pid}/children`).trim().split(' ').filter(Boolean);
  return (own / ticks) * 1000 + children.reduce((sum, child) => sum + cpuOf(Number(child)), 0);
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
