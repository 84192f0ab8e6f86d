import { cureOf } from '@gitprotect/shared/credential';
import { asAppError } from '@gitprotect/shared/errors';
import type { AgentStatus } from '@gitprotect/shared/status';
import { upkeepWords } from '@gitprotect/shared/upkeep';
import { addressWarning } from '../servers/allowed-address.ts';
import type { Parts } from './parts.ts';

/** How the agent is: what it knows, where things lie, and what needs a person. */
export async function statusOf(parts: Parts): Promise<AgentStatus> {
  const { vault } = parts;
  const [servers, projects, credentials, plans, snapshots, upkeep] = await Promise.all([
    parts.servers.list(),
    parts.projects.list(),
    parts.credentials.list(),
    parts.planBook.list(),
    parts.snapshots({}),
    parts.upkeepResults.list(),
  ]);
  const storage = await storageOf(parts);
  const needs: AgentStatus['needs'] = [];
  if (vault.locked)
    needs.push({ message: 'The vault is locked: no backup runs', remedy: 'unlock it: gitprotect-agent vault unlock', route: 'settings' });
  if (storage.problem !== null)
    needs.push({ message: storage.problem, remedy: 'put the storage right, then run a plan', route: 'settings' });
  if (snapshots.length > 0 && (await parts.recoveryKeys.list()).length === 0)
    needs.push({
      message: 'There is no recovery key: if this machine is lost, nothing opens the backups',
      remedy: 'print it and put it in a safe: gitprotect-agent recovery-key',
      route: 'settings',
    });
  for (const { step, state, message, remedy } of upkeep) {
    if (state === 'failed') needs.push({ message: `${upkeepWords[step]}: ${message}`, remedy, route: 'settings' });
  }
  for (const { url } of servers) {
    const message = addressWarning(url);
    if (message !== null) needs.push({ message, remedy: null, route: 'bitbucket' });
  }
  for (const credential of credentials) {
    const remedy = cureOf(credential);
    if (remedy === null) continue;
    const { name, owner, health, attachments } = credential;
    const whose = owner === null ? '' : ` of ${owner.slug}`;
    const [place] = attachments;
    const message = `“${name}”${whose}: ${health.message ?? 'was never checked'}`;
    needs.push({ message, remedy, route: place === undefined ? 'bitbucket' : `bitbucket/${place.projectId}` });
  }
  for (const project of projects) {
    for (const message of project.warnings)
      needs.push({ message: `${project.key}: ${message}`, remedy: null, route: `bitbucket/${project.id}` });
  }
  for (const { projectKey, slug, message } of await parts.retention.guards()) {
    const repo = slug === null ? projectKey : `${projectKey}/${slug}`;
    const remedy = 'nothing of it is pruned until you have looked and acknowledged it';
    needs.push({ message: `${repo}: ${message}`, remedy, route: `snapshots/${encodeURIComponent(repo)}` });
  }
  for (const plan of plans) {
    for (const message of plan.warnings) needs.push({ message: `${plan.name}: ${message}`, remedy: null, route: `plans/${plan.id}` });
    if (plan.lastRun !== null && ['failed', 'partial', 'interrupted'].includes(plan.lastRun.state)) {
      const how =
        plan.lastRun.state === 'interrupted'
          ? 'was interrupted'
          : plan.lastRun.state === 'partial'
            ? 'left some repositories out'
            : 'failed';
      needs.push({
        message: `The last run of ${plan.name} ${how}`,
        remedy: 'look at what each repository says',
        route: `runs/${plan.lastRun.id}`,
      });
    }
  }
  return {
    version: parts.version,
    startedAt: parts.startedAt,
    port: parts.port() ?? 0,
    home: parts.home,
    vault: { kind: vault.kind, locked: vault.locked, warning: vault.warning },
    storage,
    counts: {
      servers: servers.length,
      projects: projects.length,
      credentials: credentials.length,
      plans: plans.length,
      snapshots: snapshots.length,
    },
    running: [...parts.runner.running().values()],
    upkeep,
    proof: await parts.proofs.summary(),
    needs,
  };
}

async function storageOf(parts: Parts): Promise<AgentStatus['storage']> {
  try {
    const place = await parts.place(parts.signal);
    return { id: place.id, place: place.storage.place, freeBytes: await place.storage.freeBytes(), problem: null };
  } catch (error) {
    return { id: null, place: await parts.storagePlace(), freeBytes: null, problem: asAppError(error).message };
  }
}
