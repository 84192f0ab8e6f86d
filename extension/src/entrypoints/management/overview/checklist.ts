import type { Result } from '@gitprotect/shared/protocol';
import type { Run } from '@gitprotect/shared/run';
import type { Route } from '../../../routes.ts';

/** One step to the first backup. */
export interface Step {
  readonly name: string;
  readonly why: string;
  readonly done: boolean;
  /** Where it is done. */
  readonly route: Route;
  readonly button: string;
}

/** What is known of how far somebody is; what is not known yet is empty. */
export interface Progress {
  readonly paired: boolean;
  readonly servers: Result<'server.list'>;
  readonly projects: Result<'project.list'>;
  readonly credentials: Result<'credential.list'>;
  readonly plans: Result<'plan.list'>;
  readonly runs: readonly Run[];
}

/** The way to the first backup, in order. The first step that is not done is the next one. */
export function checklist({ paired, servers, projects, credentials, plans, runs }: Progress): Step[] {
  const firstProject = projects.find(({ credentialIds }) => credentialIds.length === 0) ?? projects[0];
  const ran = runs.some(({ state }) => state === 'succeeded' || state === 'partial');
  return [
    { name: 'Pair this browser', why: 'so that it may talk to your agent', done: paired, route: { page: 'pair' }, button: 'Pair' },
    {
      name: 'Add your Bitbucket server',
      why: 'its address, and its certificate authority if it has its own',
      done: servers.length > 0,
      route: { page: 'bitbucket', id: 'new' },
      button: 'Add server',
    },
    {
      name: 'Add a project',
      why: 'all its repositories come along, new ones too',
      done: projects.length > 0,
      route: { page: 'bitbucket', id: 'new' },
      button: 'Add project',
    },
    {
      name: 'Add a credential',
      why: 'an HTTP access token that may read it',
      done: credentials.some(({ attachments }) => attachments.length > 0),
      route: firstProject === undefined ? { page: 'bitbucket' } : { page: 'bitbucket', id: firstProject.id },
      button: 'Add credential',
    },
    {
      name: 'Add a plan',
      why: 'what, when, and how long to keep it',
      done: plans.length > 0,
      route: { page: 'plans', id: 'new' },
      button: 'Add plan',
    },
    { name: 'Run it once', why: 'then you know that it works', done: ran, route: { page: 'plans' }, button: 'See plans' },
  ];
}
