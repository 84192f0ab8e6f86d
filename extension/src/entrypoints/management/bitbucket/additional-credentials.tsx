import { formatCount } from '@gitprotect/shared/format';
import type { Result } from '@gitprotect/shared/protocol';
import { useState } from 'preact/hooks';
import { Button } from '../../../ui/parts/button.tsx';
import { Empty } from '../../../ui/parts/empty.tsx';
import { Loaded } from '../../../ui/parts/loaded.tsx';
import { useStore } from '../../../ui/store/use-store.ts';
import { AddedToken } from '../../../ui/token/added-token.tsx';
import { TokenForm } from '../../../ui/token/token-form.tsx';
import type { ProjectView } from '../../../ui/words/safety.ts';
import { CredentialTable } from './credential-table.tsx';

/** The *Additional credentials* section of a project, with *Add new*. */
export function AdditionalCredentials({ project }: { project: ProjectView }) {
  const store = useStore();
  const [adding, setAdding] = useState(false);
  const [added, setAdded] = useState<Result<'credential.add'> | null>(null);
  return (
    <Loaded from={store.credentials}>
      {(all) => {
        const here = all.filter(({ attachments }) => attachments.some(({ projectId }) => projectId === project.id));
        const users = new Set(here.map(({ owner, id }) => owner?.slug ?? id)).size;
        return (
          <details class="card" open>
            <summary>
              <h2>Additional credentials</h2>{' '}
              <small>{here.length === 0 ? 'none yet' : `${formatCount(here.length, 'account')} of ${formatCount(users, 'user')}`}</small>
            </summary>
            <p class="sub">
              Bitbucket limits each user, not each token: accounts of different users make backups faster. An additional account works only
              once a plan enables it.
            </p>
            {here.length > 0 ? (
              <CredentialTable project={project} credentials={here} />
            ) : (
              !adding && (
                <Empty title="No credential yet">
                  <p class="sub">The first one becomes the project’s own and is used by every plan with this project.</p>
                </Empty>
              )
            )}
            {added !== null && <AddedToken key={added.credential.id} added={added} onDone={() => setAdded(null)} />}
            {adding ? (
              <section class="card" aria-label="Add a credential">
                <TokenForm
                  serverId={project.serverId}
                  projectId={project.id}
                  onAdded={(result) => {
                    setAdding(false);
                    setAdded(result);
                  }}
                  onCancel={() => setAdding(false)}
                />
              </section>
            ) : (
              <div class="actions start">
                <Button
                  look={here.length === 0 ? 'primary' : undefined}
                  onClick={() => {
                    setAdded(null);
                    setAdding(true);
                  }}
                >
                  Add new
                </Button>
              </div>
            )}
          </details>
        );
      }}
    </Loaded>
  );
}
