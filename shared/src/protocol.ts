import * as v from 'valibot';
import { CompactPlan, CompactReport } from './compact.ts';
import { Credential, Permission } from './credential.ts';
import { Finding } from './finding.ts';
import { Forecast } from './forecast.ts';
import { MetadataKind } from './metadata.ts';
import { Plan, PlanSettings } from './plan.ts';
import { AgeRecipient, PrintedKey, RecoveryKey } from './recovery-key.ts';
import { ProofSummary, StorageProblem } from './proof.ts';
import { AccessNews, Coverage, CoverageTable, Project, ProjectKey, RepoSlug } from './repo.ts';
import { Job, Run, RunDetail, Throttle, Wait } from './run.ts';
import { Server } from './server.ts';
import { PrunePlan, PruneReport } from './prune.ts';
import { RestoreProgress, ServerRestoreReport } from './restore.ts';
import { Guard, RepoRetention } from './retention-view.ts';
import { RestoreReport, Snapshot, VerifyReport } from './snapshot.ts';
import { AgentStatus, Pairing } from './status.ts';
import { cli, type From, method, nothing, owner } from './method.ts';
import { storageMethods } from './storage-methods.ts';
import { UpkeepResult } from './upkeep.ts';
import { Count, Id, Name, Time } from './text.ts';

/** The version both sides must speak; it changes when an old client would misunderstand a new agent. */
export const protocolVersion = 1;

/**
 * Who asks. `page` is a Bitbucket page's script, of which the background vouches for the address and nothing else;
 * `management` is a page of the extension itself; `cli` is the command line of the same user.
 */
export const Caller = v.variant('kind', [
  v.object({ kind: v.literal('page'), url: v.string() }),
  v.object({ kind: v.literal('management') }),
  v.object({ kind: v.literal('cli') }),
]);
export type Caller = v.InferOutput<typeof Caller>;

const token = v.pipe(v.string(), v.trim(), v.minLength(1), v.maxLength(256));

/** What a page knows of a token beside its secret. */
const tokenFacts = {
  name: v.optional(Name),
  permissions: v.optional(v.array(Permission)),
  expiresAt: v.optional(v.nullable(Time)),
};

/** A plan as a button in a page offers it. */
export const PlanChoice = v.object({
  id: Id,
  name: Name,
  projectKeys: v.array(ProjectKey),
  /** Whether this credential is used by it now. */
  enabled: v.boolean(),
  /** Whether it is used as a project's own credential, which has no toggle. */
  own: v.boolean(),
  /** Another account of the plan belongs to the same user: enabling adds no throughput. */
  sameUser: v.boolean(),
});
export type PlanChoice = v.InferOutput<typeof PlanChoice>;

/** What was stored, and what to do with it next. */
export const Added = v.object({
  credential: Credential,
  /** `true` when the same token was here before: nothing is stored twice. */
  known: v.boolean(),
  sees: v.object({ projects: Count, repos: Count }),
  plans: v.array(PlanChoice),
});
export type Added = v.InferOutput<typeof Added>;

/** A credential with its new token, and the plans that go on with it. */
export const Renewed = v.object({ credential: Credential, sees: Added.entries.sees, plans: v.array(PlanChoice) });
export type Renewed = v.InferOutput<typeof Renewed>;

/** A project the server shows to one of our credentials. */
export const AvailableProject = v.object({ key: ProjectKey, name: v.string(), added: v.boolean() });

/** A project with what its tile shows. */
export const ProjectView = v.object({
  ...Project.entries,
  serverUrl: v.string(),
  credentialIds: v.array(Id),
  ownCredentialId: v.nullable(Id),
  coverage: Coverage,
  lastSnapshotAt: v.nullable(Time),
  /** Of its repos that have a snapshot. */
  proof: v.optional(ProofSummary),
  warnings: v.array(v.string()),
  /** Of the last 14 days, the newest first. */
  news: v.optional(v.array(AccessNews)),
});
export type ProjectView = v.InferOutput<typeof ProjectView>;

const repoName = v.object({ projectKey: ProjectKey, slug: RepoSlug, serverId: v.optional(Id) });
const which = { repo: repoName, snapshotId: v.optional(Id), at: v.optional(Time) };
/** What somebody says about a snapshot. */
const word = { repo: repoName, snapshotId: Id, reason: v.optional(v.union([Name, v.literal('')])) };
/** A storage that holds a copy; without, the one in use. */
const from = v.optional(Id);
/** Only what differs from the plan as it is. */
const planChanges = v.partial(PlanSettings);

/** Every call: who may make it, what goes in, what comes out. Errors are the codes of `errors.ts`. */
export const methods = {
  /** For the buttons in a page: the credentials and plans of the server the page belongs to, without secrets. */
  'page.state': method(
    ['page'],
    nothing,
    v.object({
      server: v.nullable(Server),
      credentials: v.array(
        v.object({
          id: Id,
          tokenId: v.nullable(v.string()),
          name: Name,
          ownerSlug: v.nullable(v.string()),
          health: Credential.entries.health,
          plans: v.array(PlanChoice),
        }),
      ),
      projects: v.array(v.object({ id: Id, key: ProjectKey, name: v.nullable(v.string()) })),
    }),
  ),
  /** Stores a token of the page's own server. */
  'page.credential.add': method(['page'], v.strictObject({ token, ...tokenFacts, projectIds: v.optional(v.array(Id)) }), Added),
  /** Enables a credential of the page's own server in exactly these plans, and switches their additional credentials on. */
  'page.credential.enable': method(['page'], v.strictObject({ credentialId: Id, planIds: v.array(Id) }), v.array(PlanChoice)),
  /** Gives a credential of the page's own server a new token of the same user: the token itself proves whose it is. */
  'page.credential.renew': method(['page'], v.strictObject({ credentialId: Id, token, ...tokenFacts }), Renewed),

  'agent.status': method(owner, nothing, AgentStatus),
  /** Looks at everything a backup depends on. Takes as long as the slowest server. */
  'agent.doctor': method(owner, nothing, v.array(Finding)),
  'agent.stop': method(cli, nothing, nothing),

  'server.add': method(owner, v.strictObject({ url: v.string(), ca: v.optional(v.pipe(v.string(), v.maxLength(60_000))) }), Server),
  'server.list': method(owner, nothing, v.array(Server)),
  'server.remove': method(owner, v.strictObject({ id: Id }), nothing),

  'project.available': method(owner, v.strictObject({ serverId: Id }), v.array(AvailableProject)),
  'project.add': method(owner, v.strictObject({ serverId: Id, key: ProjectKey }), ProjectView),
  'project.list': method(owner, nothing, v.array(ProjectView)),
  'project.coverage': method(owner, v.strictObject({ id: Id }), CoverageTable),
  /** A repo deleted in Bitbucket on purpose no longer counts as one that nobody sees. Its snapshots stay. */
  'project.forget-repo': method(owner, v.strictObject({ id: Id, slug: RepoSlug }), nothing),
  'project.remove': method(owner, v.strictObject({ id: Id }), nothing),

  /** Without `projectIds`: attached to every known project it can read. */
  'credential.add': method(owner, v.strictObject({ serverId: Id, token, ...tokenFacts, projectIds: v.optional(v.array(Id)) }), Added),
  /** Gives it a new token, of the same owner unless `anotherOwner` says that it need not be. Attachments and plans' toggles stay. */
  'credential.renew': method(owner, v.strictObject({ id: Id, token, ...tokenFacts, anotherOwner: v.optional(v.boolean()) }), Renewed),
  'credential.list': method(owner, v.strictObject({ projectId: v.optional(Id) }), v.array(Credential)),
  'credential.test': method(owner, v.strictObject({ id: Id }), Credential),
  'credential.attach': method(owner, v.strictObject({ id: Id, projectIds: v.array(Id) }), Credential),
  /** Without `projectId` it is forgotten everywhere and its secret erased; with it, it is only detached from that project. */
  'credential.remove': method(owner, v.strictObject({ id: Id, projectId: v.optional(Id) }), nothing),

  'plan.add': method(owner, PlanSettings, Plan),
  'plan.list': method(owner, nothing, v.array(Plan)),
  'plan.edit': method(owner, v.strictObject({ id: Id, changes: planChanges }), Plan),
  /** What a daily and a full run will cost, from what runs cost so far. */
  'plan.forecast': method(owner, v.strictObject({ id: Id }), Forecast),
  'plan.remove': method(owner, v.strictObject({ id: Id }), nothing),

  ...storageMethods,

  /** Outside the plan's window it is refused unless told to ignore the window; then it also goes on past the window's end. */
  'run.start': method(owner, v.strictObject({ planId: Id, ignoreWindow: v.optional(v.boolean()) }), Run),
  'run.cancel': method(owner, v.strictObject({ id: Id }), nothing),
  'run.list': method(owner, v.strictObject({ planId: v.optional(Id), limit: v.optional(Count) }), v.array(Run)),
  'run.get': method(owner, v.strictObject({ id: Id }), RunDetail),

  /** Does what is due for the storage now, and says how each step went the last time. An agent does so by itself. */
  'upkeep.run': method(cli, nothing, v.array(UpkeepResult)),

  'snapshot.list': method(
    owner,
    v.strictObject({ projectKey: v.optional(ProjectKey), slug: v.optional(RepoSlug), limit: v.optional(Count) }),
    v.array(Snapshot),
  ),
  /** Why each snapshot of a repo stays or goes. */
  'retention.get': method(owner, v.strictObject({ repo: repoName }), RepoRetention),
  /** What is on hold is never pruned, until it is released. */
  'snapshot.hold': method(owner, v.strictObject(word), nothing),
  'snapshot.release': method(owner, v.strictObject(word), nothing),
  /** What a prune would do, and why. With `gone` also of repos that are gone from the server. Changes nothing. */
  'prune.plan': method(owner, v.strictObject({ repo: v.optional(repoName), gone: v.optional(v.boolean()) }), PrunePlan),
  /** Marks what no rule keeps, and removes what was marked long enough ago. */
  'prune.run': method(owner, v.strictObject({ repo: v.optional(repoName), gone: v.optional(v.boolean()) }), PruneReport),
  /** Which chains a compaction would make shorter. Changes nothing. */
  'compact.plan': method(owner, v.strictObject({ repo: v.optional(repoName) }), CompactPlan),
  /** Makes long chains short by merging neighbours. An agent does so by itself. */
  'compact.run': method(owner, v.strictObject({ repo: v.optional(repoName) }), CompactReport),
  /** Repos and projects whose retention waits because so much was deleted or rewritten. */
  'guard.list': method(owner, nothing, v.array(Guard)),
  'guard.acknowledge': method(
    owner,
    v.strictObject({ serverId: v.optional(Id), projectKey: ProjectKey, slug: v.nullable(RepoSlug) }),
    nothing,
  ),
  /** Into a new folder below the agent's own `restores`: no path crosses the channel from a page. */
  'restore.start': method(owner, v.strictObject({ ...which, from }), RestoreReport),
  /**
   * Into Bitbucket, with a credential of its own that is used for this and not kept. Of `repos`, or of a whole project as a run left it.
   * With `dryRun` nothing is changed: the report says what would be done.
   */
  'restore.to-server': method(
    owner,
    v.strictObject({
      /** One or several; with `name` (for one only), under another name. */
      repos: v.optional(v.array(v.strictObject(which))),
      project: v.optional(
        v.strictObject({ projectKey: ProjectKey, serverId: v.optional(Id), runId: v.optional(Id), at: v.optional(Time) }),
      ),
      to: v.strictObject({ serverId: Id, projectKey: ProjectKey, name: v.optional(Name) }),
      token,
      from,
      dryRun: v.optional(v.boolean()),
      /** Into repos that are there already: no git, no pull requests. */
      settingsOnly: v.optional(v.boolean()),
      leaveOut: v.optional(v.array(MetadataKind)),
    }),
    ServerRestoreReport,
  ),
  /** The offline archive of one repo's pull requests, or of one of them. */
  'restore.archive': method(
    cli,
    v.strictObject({ ...which, from, folder: v.string(), pullRequest: v.optional(Count) }),
    v.object({ folder: v.string(), pullRequests: Count, records: Count }),
  ),
  'restore.to-folder': method(cli, v.strictObject({ ...which, from, folder: v.string() }), RestoreReport),
  /** What the last verification of the storage found wrong. */
  'backup.problems': method(owner, nothing, v.array(StorageProblem)),
  /** Reads backups, without `repo` all that is in storage, and compares them with what was written; `drill` also rebuilds the newest snapshot of each repo. */
  'backup.verify': method(owner, v.strictObject({ repo: v.optional(repoName), drill: v.optional(v.boolean()) }), VerifyReport),
  'catalogue.rebuild': method(cli, nothing, v.object({ snapshots: Count, repos: Count, damaged: v.array(v.string()) })),

  'pairing.open': method(cli, nothing, v.object({ code: v.string(), expiresAt: Time })),
  'pairing.list': method(owner, nothing, v.array(Pairing)),
  'pairing.remove': method(owner, v.strictObject({ id: Id }), nothing),

  'vault.unlock': method(cli, v.strictObject({ passphrase: v.string() }), nothing),
  'recovery-key.list': method(owner, nothing, v.array(RecoveryKey)),
  /** The key itself, made when there is none. With a sealed vault only against its passphrase. */
  'recovery-key.print': method(cli, v.strictObject({ passphrase: v.optional(v.string()) }), PrintedKey),
  /** Another one in place of the one made here; what was sealed before stays open to the old one. */
  'recovery-key.replace': method(cli, v.strictObject({ passphrase: v.optional(v.string()) }), PrintedKey),
  /** Seals new backups to a further key, of which only the public half is given. */
  'recovery-key.add': method(cli, v.strictObject({ recipient: AgeRecipient, name: Name }), v.array(RecoveryKey)),
  'recovery-key.remove': method(cli, v.strictObject({ recipient: AgeRecipient }), v.array(RecoveryKey)),
  /** Lets this agent open what was sealed to a recovery key: on a new machine, after the old one is lost. */
  'recovery-key.use': method(cli, v.strictObject({ identity: v.string() }), v.array(RecoveryKey)),
  /** A new key of the agent's own, for backups from now on. */
  'storage-key.rotate': method(cli, nothing, v.object({ recipient: v.string() })),
} as const;

/** Every event the agent sends without being asked. */
export const events = {
  'restore.progress': RestoreProgress,
  'verify.progress': v.object({ done: Count, of: Count, what: v.picklist(['snapshots', 'objects']) }),
  /** `throttle`: a user was refused just now; `wait`: now a repo waits, as all of its users are. */
  'run.progress': v.object({ run: Run, job: v.nullable(Job), throttle: v.optional(Throttle), wait: v.optional(Wait) }),
  /** Lists to ask for again. */
  changed: v.object({
    what: v.array(v.picklist(['servers', 'projects', 'credentials', 'plans', 'runs', 'snapshots', 'storages', 'pairings', 'status'])),
  }),
} as const;

export type Method = keyof typeof methods;
export type Params<M extends Method> = v.InferInput<(typeof methods)[M]['params']>;
export type ParsedParams<M extends Method> = v.InferOutput<(typeof methods)[M]['params']>;
export type Result<M extends Method> = v.InferOutput<(typeof methods)[M]['result']>;
export type EventName = keyof typeof events;
export type EventBody<E extends EventName> = v.InferOutput<(typeof events)[E]>;

/** How every client asks: page, popup, management page, command line, test. Rejects with an `AppError`. */
export type Call = <M extends Method>(method: M, params: Params<M>) => Promise<Result<M>>;

/** Whether `caller` may make this call. */
export function mayCall(caller: Caller, name: Method): boolean {
  return methods[name].from.some((kind: From) => kind === caller.kind);
}

/** One message inside a sealed frame. Ids are the asker's; an event has none. */
export const Message = v.variant('type', [
  v.object({ type: v.literal('call'), id: Count, method: v.string(), params: v.unknown(), from: Caller }),
  v.object({ type: v.literal('result'), id: Count, result: v.unknown() }),
  v.object({
    type: v.literal('error'),
    id: Count,
    error: v.object({ code: v.string(), message: v.string(), remedy: v.optional(v.string()) }),
  }),
  v.object({ type: v.literal('event'), name: v.string(), body: v.unknown() }),
  v.object({ type: v.literal('heartbeat') }),
]);
export type Message = v.InferOutput<typeof Message>;
