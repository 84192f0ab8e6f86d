import type { Result } from '@gitprotect/shared/protocol';
import { useState } from 'preact/hooks';
import { toggled } from '../accounts/plan-accounts.ts';
import { ActionResult } from '../parts/action-result.tsx';
import { Button } from '../parts/button.tsx';
import { Switch } from '../parts/switch.tsx';
import { useAction } from '../store/use-action.ts';
import { useStore } from '../store/use-store.ts';

type PlanChoice = Result<'credential.add'>['plans'][number];

interface EnableInPlansProps {
  readonly credentialId: string;
  readonly plans: readonly PlanChoice[];
  readonly onDone: () => void;
}

/** A toggle for each plan that could use a credential. Enabling it in a plan turns the plan's *Additional git credentials* on. */
export function EnableInPlans({ credentialId, plans, onDone }: EnableInPlansProps) {
  const store = useStore();
  const [wanted, setWanted] = useState(plans.filter(({ enabled }) => enabled).map(({ id }) => id));
  const changedPlans = plans.filter(({ id, enabled }) => wanted.includes(id) !== enabled);
  const saving = useAction(async () => {
    const now = await store.call('plan.list', {});
    for (const { id } of changedPlans) {
      const plan = now.find((one) => one.id === id);
      if (plan === undefined) continue;
      const on = wanted.includes(id);
      const additional = toggled(plan.additional, credentialId, on);
      await store.call('plan.edit', { id, changes: { additional: { ...additional, enabled: additional.enabled || on } } });
    }
    await store.refresh('plans', 'credentials', 'status');
    onDone();
  });
  if (plans.length === 0) {
    return (
      <div class="actions">
        <Button look="primary" onClick={onDone}>
          Done
        </Button>
      </div>
    );
  }
  return (
    <>
      {plans.map(({ id, name, projectKeys, sameUser }) => (
        <Switch
          key={id}
          on={wanted.includes(id)}
          onChange={(on) => setWanted(on ? [...wanted, id] : wanted.filter((one) => one !== id))}
          hint={sameUser ? 'another account of this user is there: adds no throughput' : null}
        >
          {name} <small>{projectKeys.join(', ')}</small>
        </Switch>
      ))}
      <ActionResult action={saving} />
      <div class="actions">
        <Button look="quiet" onClick={onDone}>
          Not now
        </Button>
        <Button look="primary" busy={saving.busy} disabled={changedPlans.length === 0} onClick={() => void saving.run()}>
          {saving.busy ? 'Saving…' : 'Save'}
        </Button>
      </div>
    </>
  );
}
