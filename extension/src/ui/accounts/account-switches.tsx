import type { AdditionalCredentials, PlanAccount } from '@gitprotect/shared/plan';
import { Switch } from '../parts/switch.tsx';
import { healthText } from '../words/account-words.ts';
import { AccountLine, AccountName } from './account-line.tsx';
import { sameUserText, toggled } from './plan-accounts.ts';

interface AccountSwitchesProps {
  readonly accounts: readonly PlanAccount[];
  readonly additional: AdditionalCredentials;
  readonly onChange: (additional: AdditionalCredentials) => void;
  /** Where an account can be added. */
  readonly addHref: string;
}

/** The *Additional git credentials* switch, and a toggle for each account while it is on. */
export function AccountSwitches({ accounts, additional, onChange, addHref }: AccountSwitchesProps) {
  const own = accounts.filter((account) => account.own);
  const others = accounts.filter((account) => !account.own);
  const idle = others.filter(({ credentialId }) => additional.credentialIds.includes(credentialId)).length;
  return (
    <div class="accounts" role="group" aria-label="Additional git credentials">
      <Switch
        on={additional.enabled}
        onChange={(enabled) => onChange({ ...additional, enabled })}
        hint={
          !additional.enabled && idle > 0
            ? `${idle} enabled ${idle === 1 ? 'account is' : 'accounts are'} not used while this is off`
            : null
        }
      >
        <b>Additional git credentials</b>
      </Switch>
      {additional.enabled && (
        <div class="indented">
          {own.map((account) => (
            <AccountLine key={account.credentialId} account={account}>
              <small class="hint">always used</small>
              {hintOf(account, accounts) !== null && <small class="hint">{hintOf(account, accounts)}</small>}
            </AccountLine>
          ))}
          {others.map((account) => (
            <Switch
              key={account.credentialId}
              on={additional.credentialIds.includes(account.credentialId)}
              onChange={(on) => onChange(toggled(additional, account.credentialId, on))}
              hint={hintOf(account, accounts)}
            >
              <AccountName account={account} />
            </Switch>
          ))}
          {others.length === 0 && (
            <p class="sub">
              No other account is attached to its projects.{' '}
              <a href={addHref} target={addHref.startsWith('#') ? undefined : '_blank'}>
                Add one…
              </a>
            </p>
          )}
        </div>
      )}
    </div>
  );
}

/** What is to be known of an account before it is switched on. */
function hintOf(account: PlanAccount, accounts: readonly PlanAccount[]): string | null {
  const words = [sameUserText(account, accounts) ?? '', healthText(account.health, account.ownerSlug)].filter((text) => text !== '');
  return words.length === 0 ? null : words.join('. ');
}
