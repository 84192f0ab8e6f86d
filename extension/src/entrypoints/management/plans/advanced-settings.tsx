import type { AdditionalCredentials } from '@gitprotect/shared/plan';
import { useRef, useState } from 'preact/hooks';
import { AccountSwitches } from '../../../ui/accounts/account-switches.tsx';
import { accountsFor, usersOf } from '../../../ui/accounts/plan-accounts.ts';
import { Button } from '../../../ui/parts/button.tsx';
import { Loaded } from '../../../ui/parts/loaded.tsx';
import { useStore } from '../../../ui/store/use-store.ts';
import { usersText } from '../../../ui/words/plan-words.ts';

interface AdvancedSettingsProps {
  readonly projectIds: readonly string[];
  readonly additional: AdditionalCredentials;
  /** Takes the toggles back into the panel; the panel's own *Save* stores them. */
  readonly onSave: (additional: AdditionalCredentials) => void;
}

/** *Advanced settings* with *Edit*: the *Additional git credentials* switch and its toggles. */
export function AdvancedSettings({ projectIds, additional, onSave }: AdvancedSettingsProps) {
  const store = useStore();
  const [edited, setEdited] = useState<AdditionalCredentials | null>(null);
  const edit = useRef<HTMLButtonElement>(null);
  const close = () => {
    setEdited(null);
    // The button comes back in place of this form.
    setTimeout(() => edit.current?.focus());
  };
  return (
    <Loaded from={store.credentials}>
      {(credentials) => {
        const accounts = accountsFor(projectIds, credentials);
        const count = accounts.filter(({ own, credentialId }) => !own && additional.credentialIds.includes(credentialId)).length;
        return (
          <section class="card sunk" aria-label="Advanced settings">
            <div class="row">
              <h2 class="grow">Advanced settings</h2>
              {edited === null && (
                <Button ref={edit} onClick={() => setEdited(additional)} label="Edit advanced settings">
                  Edit
                </Button>
              )}
            </div>
            {edited === null ? (
              <p class="sub">
                Additional git credentials: {additional.enabled ? `on, ${count} enabled` : 'off'} ·{' '}
                {usersText(usersOf(accounts, additional))}
              </p>
            ) : (
              <>
                <AccountSwitches
                  accounts={accounts}
                  additional={edited}
                  onChange={setEdited}
                  addHref={projectIds[0] === undefined ? '#/bitbucket' : `#/bitbucket/${projectIds[0]}`}
                />
                <div class="actions">
                  <small class="grow">{usersText(usersOf(accounts, edited))}</small>
                  <Button look="quiet" onClick={close}>
                    Cancel
                  </Button>
                  <Button
                    look="primary"
                    label="Save advanced settings"
                    onClick={() => {
                      onSave(edited);
                      close();
                    }}
                  >
                    Save
                  </Button>
                </div>
              </>
            )}
          </section>
        );
      }}
    </Loaded>
  );
}
