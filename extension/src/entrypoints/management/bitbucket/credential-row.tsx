import type { Credential } from '@gitprotect/shared/credential';
import { useState } from 'preact/hooks';
import { ActionResult } from '../../../ui/parts/action-result.tsx';
import { Button } from '../../../ui/parts/button.tsx';
import { Lozenge } from '../../../ui/parts/lozenge.tsx';
import { useAction } from '../../../ui/store/use-action.ts';
import { useStore } from '../../../ui/store/use-store.ts';
import { expiryText, healthText, healthWord, needsRenewal, seesText } from '../../../ui/words/account-words.ts';
import { calendarDay } from '../../../ui/words/moment.ts';
import type { ProjectView } from '../../../ui/words/safety.ts';
import { RenewCredential } from './renew-credential.tsx';
import { RemoveCredential } from './remove-credential.tsx';

interface CredentialRowProps {
  readonly project: ProjectView;
  readonly credential: Credential;
  /** Another account of the same user, named before this one. */
  readonly twin: Credential | undefined;
}

/** One account of a project. */
export function CredentialRow({ project, credential, twin }: CredentialRowProps) {
  const store = useStore();
  const [renewing, setRenewing] = useState(false);
  const [removing, setRemoving] = useState(false);
  const { id, name, owner, expiresAt, health, plans } = credential;
  const attachment = credential.attachments.find(({ projectId }) => projectId === project.id);
  const words = healthText(health, owner?.displayName ?? null);
  const testing = useAction(async () => {
    const tested = await store.call('credential.test', { id });
    await store.refresh('credentials', 'projects', 'status');
    return `Tested: ${healthWord(tested.health).text}.`;
  });
  return (
    <tr>
      <th scope="row">
        {name} {attachment?.own === true && <Lozenge tone="busy" text="project’s own" />}
      </th>
      <td data-label="User">
        {owner?.slug ?? 'project token'}
        {owner === null && <small class="below">an identity of its own, Bearer only</small>}
        {twin !== undefined && <small class="below">same user as {twin.name}: adds no throughput</small>}
      </td>
      <td class="nowrap" data-label="Sees">
        {seesText(attachment?.sees ?? null, attachment?.of ?? null)}
      </td>
      <td data-label="Expires" title={expiresAt === null ? undefined : calendarDay(Date.parse(expiresAt))}>
        {expiryText(expiresAt, store.time.value)}
      </td>
      <td data-label="Health">
        <Lozenge {...healthWord(health)} />
        {words !== '' && <small class="below">{words}</small>}
        <ActionResult action={testing} />
      </td>
      <td data-label="Used by">
        {plans.length === 0 ? <span class="warn-text">no plan yet</span> : plans.map((plan) => plan.name).join(', ')}
      </td>
      <td class="end">
        <Button look={needsRenewal(health) ? undefined : 'quiet'} onClick={() => setRenewing(true)} label={`Renew ${name}`}>
          Renew
        </Button>
        <Button look="quiet" busy={testing.busy} onClick={() => void testing.run()} label={`Test ${name}`}>
          {testing.busy ? 'Testing…' : 'Test'}
        </Button>
        <Button look="quiet" onClick={() => setRemoving(true)} label={`Remove ${name}`}>
          Remove
        </Button>
        {renewing && <RenewCredential serverUrl={project.serverUrl} credential={credential} onClose={() => setRenewing(false)} />}
        {removing && <RemoveCredential project={project} credential={credential} onClose={() => setRemoving(false)} />}
      </td>
    </tr>
  );
}
