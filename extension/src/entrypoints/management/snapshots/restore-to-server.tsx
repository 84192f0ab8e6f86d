import { kindGroups, type MetadataKind } from '@gitprotect/shared/metadata';
import type { Params } from '@gitprotect/shared/protocol';
import type { ServerRestoreReport } from '@gitprotect/shared/restore';
import { useState } from 'preact/hooks';
import { ActionResult } from '../../../ui/parts/action-result.tsx';
import { Button } from '../../../ui/parts/button.tsx';
import { Loaded } from '../../../ui/parts/loaded.tsx';
import { ProgressBar } from '../../../ui/parts/progress-bar.tsx';
import { Switch } from '../../../ui/parts/switch.tsx';
import { TextField } from '../../../ui/parts/text-field.tsx';
import { tokenProblem } from '../../../ui/token/token-entry.ts';
import { useAction } from '../../../ui/store/use-action.ts';
import { useStore } from '../../../ui/store/use-store.ts';
import { ServerField } from './server-field.tsx';
import { ServerRestoreResult } from './server-restore-result.tsx';

/** What is restored: repos at a snapshot each, or a project as it was. */
type RestoreSource = Pick<Params<'restore.to-server'>, 'repos' | 'project'>;

interface RestoreToServerProps {
  readonly source: RestoreSource;
  /** The server it came from: the first choice to restore to. */
  readonly serverId: string;
  readonly projectKey: string;
  /** The repo's name, for a restore of one. */
  readonly name?: string | undefined;
  readonly onClose: () => void;
}

/** Back into Bitbucket: where to, with which token, what it would do, and then what it did. */
export function RestoreToServer({ source, serverId: from, projectKey: fromKey, name: fromName, onClose }: RestoreToServerProps) {
  const store = useStore();
  const [serverId, setServerId] = useState(from);
  const [projectKey, setProjectKey] = useState(fromKey);
  const [name, setName] = useState(fromName ?? '');
  const [token, setToken] = useState('');
  const [settingsOnly, setSettingsOnly] = useState(false);
  const [withPermissions, setWithPermissions] = useState(true);
  const [report, setReport] = useState<ServerRestoreReport | null>(null);
  const ask = async (dryRun: boolean) => {
    setReport(null);
    store.restoring.value = null;
    const leaveOut: MetadataKind[] = withPermissions ? [] : [...kindGroups.permissions];
    const to = { serverId, projectKey: projectKey.trim(), ...(fromName !== undefined && name.trim() !== '' && { name: name.trim() }) };
    setReport(await store.call('restore.to-server', { ...source, to, token, dryRun, settingsOnly, leaveOut }));
    if (!dryRun) setToken('');
  };
  const looking = useAction(() => ask(true));
  const restoring = useAction(() => ask(false));
  const busy = looking.busy || restoring.busy;
  const problem = tokenProblem(token);
  const ready = token.trim() !== '' && problem === undefined && projectKey.trim() !== '';
  const progress = store.restoring.value;
  return (
    <form
      class="stack"
      autocomplete="off"
      onSubmit={(event) => {
        event.preventDefault();
        void looking.run();
      }}
    >
      <p class="sub">
        Into a project that exists, as a new repository or into an empty one: a repository that holds anything is never touched. Branches,
        tags and large files first, then settings, then open pull requests with their comments. Merged and declined ones are in the offline
        archive that a restore into a folder writes.
      </p>
      <Loaded from={store.servers}>{(servers) => <ServerField servers={servers} value={serverId} onChange={setServerId} />}</Loaded>
      <div class="pair-of-fields">
        <TextField label="Project key" code value={projectKey} onInput={setProjectKey} />
        {fromName !== undefined && <TextField label="Repository name" value={name} onInput={setName} />}
      </div>
      <TextField
        label="HTTP access token for this restore"
        type="password"
        code
        value={token}
        onInput={setToken}
        problem={problem}
        hint="With Project admin and Repository admin. It is used for this restore and not stored; revoke it afterwards."
      />
      <Switch on={settingsOnly} onChange={setSettingsOnly} hint="Into repositories that are there already: no branches, no pull requests.">
        Settings only
      </Switch>
      <Switch
        on={withPermissions}
        onChange={setWithPermissions}
        hint="Users and groups that the server does not know are left out and named."
      >
        Permissions and keys too
      </Switch>
      {restoring.busy && (
        <div class="live" role="status">
          <ProgressBar done={progress?.done ?? 0} of={progress?.of ?? 0} label="Restoring" />
          <p class="figures">{progress === null ? 'Restoring…' : `${progress.what} (${progress.done} of ${progress.of})`}</p>
        </div>
      )}
      <ActionResult action={looking} />
      <ActionResult action={restoring} />
      {report !== null && <ServerRestoreResult report={report} />}
      <div class="actions start">
        <Button look={report?.dryRun === true ? undefined : 'primary'} type="submit" busy={looking.busy} disabled={!ready || busy}>
          {looking.busy ? 'Looking…' : 'Show what it would do'}
        </Button>
        <Button
          look={report?.dryRun === true ? 'primary' : undefined}
          busy={restoring.busy}
          disabled={!ready || busy}
          onClick={() => void restoring.run()}
        >
          {restoring.busy ? 'Restoring…' : 'Restore into Bitbucket'}
        </Button>
        <Button look="quiet" onClick={onClose}>
          Close
        </Button>
      </div>
    </form>
  );
}
