import type { Credential } from '@gitprotect/shared/credential';
import { useId, useState } from 'preact/hooks';
import { Confirm } from '../../../ui/parts/confirm.tsx';
import { useStore } from '../../../ui/store/use-store.ts';
import type { ProjectView } from '../../../ui/words/safety.ts';

interface RemoveCredentialProps {
  readonly project: ProjectView;
  readonly credential: Credential;
  readonly onClose: () => void;
}

/** Takes an account from a project, or forgets it everywhere. */
export function RemoveCredential({ project, credential, onClose }: RemoveCredentialProps) {
  const store = useStore();
  const group = useId();
  const [everywhere, setEverywhere] = useState(credential.attachments.length < 2);
  const name = project.name ?? project.key;
  return (
    <Confirm
      title={`Remove “${credential.name}”?`}
      deed={everywhere ? 'Erase token' : `Remove from ${project.key}`}
      act={async () => {
        await store.call('credential.remove', { id: credential.id, ...(!everywhere && { projectId: project.id }) });
        await store.refresh('credentials', 'projects', 'plans', 'status');
        store.said.value = `“${credential.name}” was removed.`;
      }}
      onClose={onClose}
    >
      <fieldset>
        <legend class="unseen">How far</legend>
        <label class="check">
          <input type="radio" name={group} checked={!everywhere} onChange={() => setEverywhere(false)} />
          only from {name}
        </label>
        <label class="check">
          <input type="radio" name={group} checked={everywhere} onChange={() => setEverywhere(true)} />
          everywhere, and erase its secret from the vault
        </label>
      </fieldset>
      <p class="sub">
        {credential.id === project.ownCredentialId && `It is the project’s own: plans of ${name} lose it. `}
        {everywhere
          ? 'The token itself stays valid in Bitbucket until it is revoked there.'
          : 'Its token stays in the vault and goes on serving its other projects.'}
      </p>
    </Confirm>
  );
}
