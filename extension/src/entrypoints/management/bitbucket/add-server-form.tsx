import { parseServerUrl } from '@gitprotect/shared/server';
import type { Server } from '@gitprotect/shared/server';
import { useState } from 'preact/hooks';
import { ActionResult } from '../../../ui/parts/action-result.tsx';
import { Button } from '../../../ui/parts/button.tsx';
import { Field } from '../../../ui/parts/field.tsx';
import { TextField } from '../../../ui/parts/text-field.tsx';
import { useAction } from '../../../ui/store/use-action.ts';
import { useStore } from '../../../ui/store/use-store.ts';
import { reasonOf } from '../../../ui/words/reason.ts';

/** Adds a Bitbucket server by its address. */
export function AddServerForm({ onDone }: { onDone: (server: Server | null) => void }) {
  const store = useStore();
  const [url, setUrl] = useState('');
  const [ca, setCa] = useState('');
  const problem = url.includes('.') || url.includes(':') ? reasonOf(() => parseServerUrl(url)) : undefined;
  const adding = useAction(async () => {
    const server = await store.call('server.add', { url, ...(ca.trim() !== '' && { ca }) });
    await store.refresh('servers', 'status');
    onDone(server);
  });
  return (
    <form
      class="stack narrow"
      onSubmit={(event) => {
        event.preventDefault();
        void adding.run();
      }}
    >
      <TextField
        label="Address of Bitbucket"
        code
        value={url}
        onInput={setUrl}
        problem={problem}
        placeholder="https://bitbucket.example.com"
        hint="Any page’s address will do; what follows the base is cut off."
      />
      <details>
        <summary>Certificate authority of its own</summary>
        <Field label="Certificate (PEM)" hint="Only if the server’s certificate is signed by your company’s own authority.">
          {(ids) => (
            <textarea
              {...ids}
              class="code"
              value={ca}
              spellcheck={false}
              placeholder="-----BEGIN CERTIFICATE-----"
              onInput={(event) => setCa(event.currentTarget.value)}
            />
          )}
        </Field>
      </details>
      <ActionResult action={adding} />
      <div class="actions start">
        <Button look="primary" type="submit" busy={adding.busy} disabled={url.trim() === '' || problem !== undefined}>
          {adding.busy ? 'Asking the server…' : 'Add server'}
        </Button>
        <Button look="quiet" onClick={() => onDone(null)}>
          Cancel
        </Button>
      </div>
    </form>
  );
}
