import type { Credential } from '@gitprotect/shared/credential';
import { useState } from 'preact/hooks';
import { tokensAddress } from '../../../bitbucket/tokens-page.ts';
import { ActionResult } from '../../../ui/parts/action-result.tsx';
import { Button } from '../../../ui/parts/button.tsx';
import { Dialog } from '../../../ui/parts/dialog.tsx';
import { TextField } from '../../../ui/parts/text-field.tsx';
import { useAction } from '../../../ui/store/use-action.ts';
import { useStore } from '../../../ui/store/use-store.ts';
import { expiryOf, tokenProblem } from '../../../ui/token/token-entry.ts';

interface RenewCredentialProps {
  readonly serverUrl: string;
  readonly credential: Credential;
  readonly onClose: () => void;
}

/** Gives a credential a new token: with one click on its owner's page in Bitbucket, or by pasting the successor here. */
export function RenewCredential({ serverUrl, credential, onClose }: RenewCredentialProps) {
  const store = useStore();
  const [token, setToken] = useState('');
  const [expires, setExpires] = useState('');
  const [anotherOwner, setAnotherOwner] = useState(false);
  const problem = tokenProblem(token);
  const renewing = useAction(async () => {
    const expiresAt = expiryOf(expires);
    await store.call('credential.renew', {
      id: credential.id,
      token,
      ...(expiresAt !== undefined && { expiresAt }),
      ...(anotherOwner && { anotherOwner }),
    });
    setToken('');
    await store.refresh('credentials', 'projects', 'plans', 'status');
    store.said.value = `“${credential.name}” was renewed. Revoke the old token in Bitbucket.`;
    onClose();
  });
  return (
    <Dialog title={`Renew “${credential.name}”`} onClose={onClose}>
      <p>
        With one click: {credential.owner === null ? 'an administrator of its project' : credential.owner.displayName} opens{' '}
        <a href={tokensAddress(serverUrl, credential)} target="_blank" rel="noreferrer">
          the token page in Bitbucket
        </a>{' '}
        {credential.owner === null ? 'and makes a new one to paste here.' : 'in a browser with this extension and clicks Renew.'} Or paste a
        token that was made there:
      </p>
      <form
        class="stack"
        autocomplete="off"
        onSubmit={(event) => {
          event.preventDefault();
          void renewing.run();
        }}
      >
        <TextField label="New HTTP access token" type="password" code value={token} onInput={setToken} problem={problem} />
        <TextField
          label="Expires (optional)"
          type="date"
          value={expires}
          onInput={setExpires}
          hint="You are warned 14, 7 and 1 days before."
        />
        <label class="check">
          <input type="checkbox" checked={anotherOwner} onChange={(event) => setAnotherOwner(event.currentTarget.checked)} />
          it may be another user’s token
        </label>
        <p class="sub">Its projects and every plan’s toggle stay as they are. The old secret is erased here.</p>
        <ActionResult action={renewing} />
        <div class="actions">
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" type="submit" busy={renewing.busy} disabled={token.trim() === '' || problem !== undefined}>
            {renewing.busy ? 'Checking it with Bitbucket…' : 'Renew'}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
