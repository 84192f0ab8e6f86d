import { parsePairingCode } from '@gitprotect/shared/pairing-code';
import { useState } from 'preact/hooks';
import { ActionResult } from '../parts/action-result.tsx';
import { Button } from '../parts/button.tsx';
import { Command } from '../parts/command.tsx';
import { TextField } from '../parts/text-field.tsx';
import { useAction } from '../store/use-action.ts';
import { useStore } from '../store/use-store.ts';
import { pairCommand } from '../words/connection-words.ts';

/** How to pair this browser: the command that prints a code, and where to paste it. */
export function PairForm() {
  const store = useStore();
  const [code, setCode] = useState('');
  const pairing = useAction(async () => {
    parsePairingCode(code);
    await store.local('pair', { code });
    setCode('');
    await store.look();
    return 'Paired. This browser now knows its agent.';
  });
  return (
    <form
      class="stack"
      onSubmit={(event) => {
        event.preventDefault();
        void pairing.run();
      }}
    >
      <ol class="steps">
        <li>
          In a terminal on this machine, print a pairing code:
          <Command text={pairCommand} />
        </li>
        <li>Paste the code here. It works once, for five minutes.</li>
      </ol>
      <TextField label="Pairing code" code value={code} onInput={setCode} placeholder="gp1-7717-…" />
      <ActionResult action={pairing} />
      <div class="actions">
        <Button look="primary" type="submit" busy={pairing.busy} disabled={code.trim() === ''}>
          {pairing.busy ? 'Pairing…' : 'Pair'}
        </Button>
      </div>
    </form>
  );
}
