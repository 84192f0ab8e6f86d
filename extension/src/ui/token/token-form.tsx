import type { Result } from '@gitprotect/shared/protocol';
import { useState } from 'preact/hooks';
import { ActionResult } from '../parts/action-result.tsx';
import { Button } from '../parts/button.tsx';
import { TextField } from '../parts/text-field.tsx';
import { valueOf } from '../store/loadable.ts';
import { useAction } from '../store/use-action.ts';
import { useStore } from '../store/use-store.ts';
import { ProjectChoice } from './project-choice.tsx';
import { alreadyStored, expiryOf, tokenProblem } from './token-entry.ts';

interface TokenFormProps {
  readonly serverId: string;
  /** The project it is for; without one it is offered to all that it can read. */
  readonly projectId?: string | undefined;
  readonly name?: string | undefined;
  /** The id inside the token that is asked for. */
  readonly wanted?: string | undefined;
  readonly onAdded: (added: Result<'credential.add'>) => void;
  readonly onCancel?: () => void;
}

/** Takes a token's secret and hands it to the agent, which checks it before it stores it. Nothing of the secret stays here. */
export function TokenForm({ serverId, projectId, name: givenName = '', wanted, onAdded, onCancel }: TokenFormProps) {
  const store = useStore();
  const [token, setToken] = useState('');
  const [name, setName] = useState(givenName);
  const [expires, setExpires] = useState('');
  const [projectIds, setProjectIds] = useState<readonly string[] | null>(projectId === undefined ? null : [projectId]);
  const known = alreadyStored(token, valueOf(store.credentials.current) ?? []);
  const problem = tokenProblem(token, wanted);
  const saving = useAction(async () => {
    const expiresAt = expiryOf(expires);
    const added = await store.call('credential.add', {
      serverId,
      token,
      ...(name.trim() !== '' && { name }),
      ...(expiresAt !== undefined && { expiresAt }),
      ...(projectIds !== null && { projectIds: [...projectIds] }),
    });
    setToken('');
    await store.refresh('credentials', 'projects', 'plans', 'status');
    onAdded(added);
  });
  return (
    <form
      class="stack"
      autocomplete="off"
      onSubmit={(event) => {
        event.preventDefault();
        void saving.run();
      }}
    >
      <TextField
        label="HTTP access token"
        type="password"
        code
        value={token}
        onInput={setToken}
        problem={problem}
        hint="In Bitbucket: Manage account › HTTP access tokens › Create token. Project read and Repository read are enough."
      />
      {known !== undefined && (
        <p class="sub">
          This token is already here as “{known.name}”. Saving it again only attaches it to the projects below; nothing is stored twice.
        </p>
      )}
      <div class="pair-of-fields">
        <TextField label="Name (optional)" value={name} onInput={setName} placeholder="as in Bitbucket" />
        <TextField
          label="Expires (optional)"
          type="date"
          value={expires}
          onInput={setExpires}
          hint="You are warned 14, 7 and 1 days before."
        />
      </div>
      <ProjectChoice serverId={serverId} chosen={projectIds} onChange={setProjectIds} />
      <ActionResult action={saving} />
      <div class="actions">
        {onCancel !== undefined && (
          <Button look="quiet" onClick={onCancel}>
            Cancel
          </Button>
        )}
        <Button
          look="primary"
          type="submit"
          busy={saving.busy}
          disabled={token.trim() === '' || problem !== undefined || projectIds?.length === 0}
        >
          {saving.busy ? 'Checking it with Bitbucket…' : 'Save'}
        </Button>
      </div>
    </form>
  );
}
