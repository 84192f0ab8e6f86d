import type { Plan } from '@gitprotect/shared/plan';
import { useState } from 'preact/hooks';
import { ActionResult } from '../../../ui/parts/action-result.tsx';
import { Button } from '../../../ui/parts/button.tsx';
import { Confirm } from '../../../ui/parts/confirm.tsx';
import { TextField } from '../../../ui/parts/text-field.tsx';
import { useAction } from '../../../ui/store/use-action.ts';
import { useStore } from '../../../ui/store/use-store.ts';
import type { Route } from '../../../routes.ts';
import { go } from '../use-route.ts';
import { useUnsaved } from '../use-unsaved.ts';
import { AdvancedSettings } from './advanced-settings.tsx';
import { KeepField } from './keep-field.tsx';
import { type PlanDraft, type PlanProblems, changesOf, problemsOf, settingsOf } from './plan-draft.ts';
import { PlanProjects } from './plan-projects.tsx';
import { RemovePlan } from './remove-plan.tsx';
import { ScopeField } from './scope-field.tsx';
import { WhenField } from './when-field.tsx';
import { WindowField } from './window-field.tsx';

/** The panel of one plan. `start` is the draft it opens with; what was edited stays when saving fails. */
export function PlanPanel({ plan, start }: { plan: Plan | null; start: PlanDraft }) {
  const store = useStore();
  const [edited, setEdited] = useState<{ draft: PlanDraft; base: PlanDraft } | null>(null);
  const [tried, setTried] = useState(false);
  const [removing, setRemoving] = useState(false);
  const { draft, base } = edited ?? { draft: start, base: start };
  const changes = changesOf(draft, base);
  const dirty = Object.keys(changes).length > 0;
  const unsaved = useUnsaved(dirty);
  const leaveTo = (route: Route) => {
    unsaved.release();
    go(route);
  };
  const problems = problemsOf(draft, store.time.value);
  // An empty form is no mistake before somebody tries to save it.
  const shown: PlanProblems = tried ? problems : { ...problems, name: undefined, projects: undefined };
  const saving = useAction(async () => {
    setTried(true);
    if (Object.keys(problems).length > 0) return;
    const saved = plan === null ? await store.call('plan.add', settingsOf(draft)) : await store.call('plan.edit', { id: plan.id, changes });
    await store.refresh('plans', 'credentials', 'status');
    store.said.value = `“${saved.name}” was saved.`;
    leaveTo({ page: 'plans' });
  });
  const change = (part: Partial<PlanDraft>) => setEdited({ draft: { ...draft, ...part }, base });
  return (
    <form
      class="stack narrow"
      onSubmit={(event) => {
        event.preventDefault();
        void saving.run();
      }}
    >
      <div class="page-head">
        <h1>{plan === null ? 'Add plan' : 'Edit plan'}</h1>
        {plan !== null && (
          <Button onClick={() => setRemoving(true)} label={`Remove ${plan.name}`}>
            Remove
          </Button>
        )}
      </div>
      <div class="card stack">
        <TextField label="Name" value={draft.name} onInput={(name) => change({ name })} problem={shown.name} placeholder="Nightly" />
        <PlanProjects chosen={draft.projectIds} onChange={(projectIds) => change({ projectIds })} problem={shown.projects} />
        <WhenField draft={draft} onChange={change} problem={shown.schedule} />
        <WindowField draft={draft} onChange={change} problem={shown.window} scheduled={shown.schedule === undefined} />
        <KeepField keep={draft.keep} onChange={(keep) => change({ keep })} problem={shown.keep} />
        <ScopeField leaveOut={draft.leaveOut} onChange={(leaveOut) => change({ leaveOut })} />
        <AdvancedSettings projectIds={draft.projectIds} settings={{ additional: draft.additional, share: draft.share }} onSave={change} />
      </div>
      <ActionResult action={saving} />
      <div class="actions">
        {dirty && <small class="grow">Not saved yet</small>}
        <Button look="quiet" onClick={() => leaveTo({ page: 'plans' })}>
          Cancel
        </Button>
        <Button look="primary" type="submit" busy={saving.busy} disabled={plan !== null && !dirty}>
          {saving.busy ? 'Saving…' : 'Save'}
        </Button>
      </div>
      {removing && plan !== null && (
        <RemovePlan plan={plan} onRemoved={() => leaveTo({ page: 'plans' })} onClose={() => setRemoving(false)} />
      )}
      {unsaved.leavingTo !== null && <LeavePlan to={unsaved.leavingTo} onLeave={leaveTo} onStay={unsaved.stay} />}
    </form>
  );
}

function LeavePlan({ to, onLeave, onStay }: { to: Route; onLeave: (to: Route) => void; onStay: () => void }) {
  return (
    <Confirm title="Leave without saving?" deed="Leave" act={async () => onLeave(to)} onClose={onStay}>
      <p>What you changed in this plan is not saved yet, and is lost if you leave.</p>
    </Confirm>
  );
}
