import type { PlanSettings } from '@gitprotect/shared/plan';
import { useRef, useState } from 'preact/hooks';
import { AccountSwitches } from '../../../ui/accounts/account-switches.tsx';
import { accountsFor, usersOf } from '../../../ui/accounts/plan-accounts.ts';
import { Button } from '../../../ui/parts/button.tsx';
import { Loaded } from '../../../ui/parts/loaded.tsx';
import { useStore } from '../../../ui/store/use-store.ts';
import { usersText } from '../../../ui/words/plan-words.ts';
import { ShareField } from './share-field.tsx';

interface AdvancedSettingsProps {
  readonly projectIds: readonly string[];
  readonly settings: Advanced;
  /** Takes them back into the panel; the panel's own *Save* stores them. */
  readonly onSave: (settings: Advanced) => void;
}

type Advanced = Pick<PlanSettings, 'additional' | 'share'>;

/** *Advanced settings* with *Edit*: the *Additional git credentials* switch and its toggles, and how much of their users' limits may be used. */
export function AdvancedSettings({ projectIds, settings, onSave }: AdvancedSettingsProps) {
  const { additional, share } = settings;
  const store = useStore();
  const [edited, setEdited] = useState<Advanced | null>(null);
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
                <Button ref={edit} onClick={() => setEdited(settings)} label="Edit advanced settings">
                  Edit
                </Button>
              )}
            </div>
            {edited === null ? (
              <p class="sub">
                Additional git credentials: {additional.enabled ? `on, ${count} enabled` : 'off'} ·{' '}
                {usersText(usersOf(accounts, additional))} · at most {share} % of each user’s limit
              </p>
            ) : (
              <>
                <AccountSwitches
                  accounts={accounts}
                  additional={edited.additional}
                  onChange={(wanted) => setEdited({ ...edited, additional: wanted })}
                  addHref={projectIds[0] === undefined ? '#/bitbucket' : `#/bitbucket/${projectIds[0]}`}
                />
                <ShareField share={edited.share} onChange={(wanted) => setEdited({ ...edited, share: wanted })} />
                <div class="actions">
                  <small class="grow">{usersText(usersOf(accounts, edited.additional))}</small>
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
