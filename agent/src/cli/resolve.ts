import { AppError } from '@gitprotect/shared/errors';
import type { Plan } from '@gitprotect/shared/plan';
import type { Call, ProjectView } from '@gitprotect/shared/protocol';
import { ProjectKey, RepoSlug } from '@gitprotect/shared/repo';
import { parseServerUrl, type Server } from '@gitprotect/shared/server';
import type { StorageView } from '@gitprotect/shared/storage';
import { Id } from '@gitprotect/shared/text';
import * as v from 'valibot';

/** What a person types, turned into what the agent knows. Every miss names the input and what there is instead. */

export async function serverNamed(call: Call, text: string): Promise<Server> {
  const servers = await call('server.list', {});
  const base = /^https?:/.test(text) ? parseServerUrl(text) : text;
  const found = servers.find((server) => server.url === base || server.id === base || new URL(server.url).host === base);
  if (found !== undefined) return found;
  const there = servers.length === 0 ? '' : `there is ${servers.map(({ url }) => url).join(', ')}; `;
  throw new AppError('not-found', `no server ${text} is known here`, {
    remedy: `${there}add another: gitprotect-agent server add ${/^https?:/.test(text) ? text : 'URL'}`.replace(/^add another/, 'add it'),
  });
}

/** Server and project key from a page's or clone URL, `SERVER/KEY`, or a bare `KEY` where there is one server. */
export async function projectAddress(call: Call, text: string): Promise<{ server: Server; key: string }> {
  if (/^https?:/.test(text)) {
    const path = URL.parse(text)?.pathname ?? '';
    const key = /\/(?:projects|scm)\/(~?[^/]+)/.exec(path)?.[1] ?? (/\/users\/([^/]+)/.exec(path)?.[1] ?? '').replace(/^(?=.)/, '~');
    // `SERVER/KEY` with a whole URL for the server. In capitals, as keys are shown: other last words are pages.
    if (key === '' && /\/~?[A-Z][A-Z0-9_]*\/?$/.test(path)) return serverThenKey(call, text.replace(/\/+$/, ''));
    return { server: await serverNamed(call, text), key: projectKey(decoded(key).toUpperCase(), text) };
  }
  if (text.includes('/')) return serverThenKey(call, text);
  const servers = await call('server.list', {});
  const [only] = servers;
  if (servers.length === 1 && only !== undefined) return { server: only, key: projectKey(text, text) };
  throw new AppError(
    'bad-request',
    servers.length === 0 ? 'no server is known here' : `“${text}” could be on any of ${servers.length} servers`,
    {
      remedy: servers.length === 0 ? 'add one: gitprotect-agent server add URL' : `write it as ${only?.id ?? 'SERVER'}/${text}`,
    },
  );
}

async function serverThenKey(call: Call, text: string): Promise<{ server: Server; key: string }> {
  const slash = text.lastIndexOf('/');
  const server = await serverNamed(call, text.slice(0, slash));
  return { server, key: projectKey(text.slice(slash + 1), text) };
}

function projectKey(key: string, text: string): string {
  if (v.is(ProjectKey, key)) return key;
  throw new AppError('bad-request', `“${text}” names no project`, {
    remedy: 'give the address of the project’s page, …/projects/KEY, or its key: letters, digits, . _ and -',
  });
}

/** A part of a URL, or as it is where it was not encoded properly. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** A project already added, by id, key, `SERVER/KEY` or URL. */
export async function projectNamed(call: Call, text: string): Promise<ProjectView> {
  const projects = await call('project.list', {});
  const byId = projects.find((project) => project.id === text);
  if (byId !== undefined) return byId;
  const { server, key } = await projectAddress(call, text);
  const found = projects.find((project) => project.serverId === server.id && project.key.toUpperCase() === key.toUpperCase());
  if (found !== undefined) return found;
  throw new AppError('not-found', `project ${key} of ${server.url} is not added here`, {
    remedy: `see those that are: gitprotect-agent project list; add it: gitprotect-agent project add ${server.url}/projects/${key}`,
  });
}

/** The kind of a thing, and the command that lists those there are. */
interface Kind {
  readonly word: string;
  readonly list: string;
}

/** What a list holds under this id. */
export function oneOf<T extends { readonly id: string }>(all: readonly T[], id: string, kind: Kind): T {
  const found = all.find((one) => one.id === id);
  if (found === undefined) throw noSuch(id, kind);
  return found;
}

/** The text, where it can be an id; whether there is such a thing is for the agent to say. */
export function asId(text: string, kind: Kind): string {
  if (!v.is(Id, text)) throw noSuch(text, kind);
  return text;
}

function noSuch(id: string, { word, list }: Kind): AppError {
  return new AppError('not-found', `there is no ${word} “${id}”`, { remedy: `list them: gitprotect-agent ${list}` });
}

/** A plan by name or id. */
export async function planNamed(call: Call, text: string): Promise<Plan> {
  const plans = await call('plan.list', {});
  const found =
    plans.find((plan) => plan.name === text || plan.id === text) ?? plans.find((plan) => plan.name.toLowerCase() === text.toLowerCase());
  if (found !== undefined) return found;
  const names = plans.map((plan) => `“${plan.name}”`).join(', ');
  throw new AppError('not-found', `there is no plan “${text}”`, {
    remedy: names === '' ? 'add one: gitprotect-agent plan add NAME --project KEY' : `there are: ${names}`,
  });
}

/** A storage by name or id. */
export async function storageNamed(call: Call, text: string): Promise<StorageView> {
  const storages = await call('storage.list', {});
  const found =
    storages.find(({ name, id }) => name === text || id === text) ?? storages.find(({ name }) => name.toLowerCase() === text.toLowerCase());
  if (found !== undefined) return found;
  throw new AppError('not-found', `there is no storage “${text}”`, {
    remedy: `there are: ${storages.map(({ name }) => `“${name}”`).join(', ')}; add one: gitprotect-agent storage add`,
  });
}

/** `PROJECT/repo`, as Bitbucket's pages write it. */
export function repoNamed(text: string): { projectKey: string; slug: string } {
  const [projectKey = '', slug = '', ...rest] = text.split('/');
  if (!v.is(ProjectKey, projectKey) || !v.is(RepoSlug, slug) || rest.length > 0) {
    throw new AppError('bad-request', `“${text}” is not a repository`, { remedy: 'write it as PROJECT/repo, for example ORCH/core' });
  }
  return { projectKey, slug };
}
