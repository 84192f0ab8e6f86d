import type { AdditionalCredentials, Plan } from '@gitprotect/shared/plan';
import { useState } from 'preact/hooks';
import { AccountSwitches } from '../../ui/accounts/account-switches.tsx';
import { sameAdditional, usersOf } from '../../ui/accounts/plan-accounts.ts';
import { ActionResult } from '../../ui/parts/action-result.tsx';
import { Button } from '../../ui/parts/button.tsx';
import { PlanRun } from '../../ui/runs/plan-run.tsx';
import { useAction } from '../../ui/store/use-action.ts';
import { useStore } from '../../ui/store/use-store.ts';
import { planLine, usersText } from '../../ui/words/plan-words.ts';
import { managementLink } from './management-link.ts';

/** One plan: its times, its run, and who works for it. */
export function PlanCard({ plan }: { plan: Plan }) {
  const store = useStore();
  const [edited, setEdited] = useState<AdditionalCredentials | null>(null);
  const additional = edited ?? plan.additional;
  const dirty = !sameAdditional(additional, plan.additional);
  const saving = useAction(async () => {
    await store.call('plan.edit', { id: plan.id, changes: { additional } });
    await store.refresh('plans', 'credentials', 'status');
    setEdited(null);
    return 'Saved. The next run uses these accounts.';
  });
  const change = (wanted: AdditionalCredentials) => {
    saving.clear();
    setEdited(wanted);
  };
  return (
    <section class="card plan" aria-label={plan.name}>
      <PlanRun plan={plan}>
        <h2 class="clip" title={plan.name}>
          {plan.name}
        </h2>
        <p class="sub">{planLine(plan, store.time.value)}</p>
      </PlanRun>
      <AccountSwitches
        accounts={plan.accounts}
        additional={additional}
        onChange={change}
        addHref={managementLink(`bitbucket/${plan.projectIds[0] ?? ''}`)}
      />
      <ActionResult action={saving} />
      <div class="actions">
        <small class="grow">{usersText(usersOf(plan.accounts, additional))}</small>
        {dirty && (
          <Button look="quiet" onClick={() => change(plan.additional)}>
            Undo
          </Button>
        )}
        <Button look="primary" disabled={!dirty} busy={saving.busy} onClick={() => void saving.run()} label={`Save ${plan.name}`}>
          {saving.busy ? 'Saving…' : 'Save'}
        </Button>
      </div>
    </section>
  );
}
