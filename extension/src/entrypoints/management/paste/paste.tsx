import type { Result } from '@gitprotect/shared/protocol';
import { useState } from 'preact/hooks';
import { Button } from '../../../ui/parts/button.tsx';
import { Empty } from '../../../ui/parts/empty.tsx';
import { Loaded } from '../../../ui/parts/loaded.tsx';
import { useStore } from '../../../ui/store/use-store.ts';
import { AddedToken } from '../../../ui/token/added-token.tsx';
import { TokenForm } from '../../../ui/token/token-form.tsx';

interface PasteProps {
  /** Base URL of the Bitbucket whose page led here. */
  readonly server: string;
  /** The id of the token whose button was pressed. */
  readonly token: string | undefined;
  readonly name: string | undefined;
}

/** Takes the secret of a token that Bitbucket does not show again. */
export function Paste({ server: url, token, name }: PasteProps) {
  const store = useStore();
  const [added, setAdded] = useState<Result<'credential.add'> | null>(null);
  const [finished, setFinished] = useState(false);
  const about = name === undefined ? 'a token' : `“${name}”`;
  return (
    <div class="stack narrow">
      <h1>Add {about} to GitProtect</h1>
      {added === null ? (
        <>
          <p class="sub">
            Bitbucket shows a token’s secret once, when it is created. If you kept that of {about}, paste it here; if not, create a new
            token there: its secret is picked up on the spot.
          </p>
          <Loaded from={store.servers}>
            {(servers) => {
              const server = servers.find((one) => one.url === url);
              return server === undefined ? (
                <Empty title={url === '' ? 'This link names no server' : `The agent does not know ${url} yet`}>
                  <p class="sub">Add it as a server first.</p>
                  <a class="button primary" href="#/bitbucket">
                    Open Bitbucket
                  </a>
                </Empty>
              ) : (
                <section class="card">
                  <p>
                    Server: <b>{server.url}</b>
                  </p>
                  <TokenForm serverId={server.id} name={name} wanted={token} onAdded={setAdded} />
                </section>
              );
            }}
          </Loaded>
        </>
      ) : finished ? (
        <section class="card">
          <p class="done">“{added.credential.name}” is in GitProtect. You can close this tab.</p>
          <div class="actions start">
            <Button onClick={() => window.close()}>Close this tab</Button>
            <a href="#/plans">See plans</a>
          </div>
        </section>
      ) : (
        <AddedToken added={added} onDone={() => setFinished(true)} />
      )}
    </div>
  );
}
