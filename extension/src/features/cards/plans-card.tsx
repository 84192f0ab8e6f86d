import type { ComponentChildren } from 'preact';
import { type AppError, asAppError } from '@gitprotect/shared/errors';
import { formatCount } from '@gitprotect/shared/format';
import type { PlanChoice, Renewed } from '@gitprotect/shared/protocol';
import { Button, Problem, Switch, go } from '../../in-page/parts.tsx';
import { Stateful } from '../../in-page/stateful.tsx';

export interface PlansCardProps {
  readonly name: string;
  /** `sees 41 of 41 repositories`, where it is known. */
  readonly sees: string | null;
  /** Whether it is attached to any project: without one there is nothing to plan. */
  readonly attached: boolean;
  readonly plans: readonly PlanChoice[];
  readonly save: (planIds: readonly string[]) => Promise<PlanChoice[]>;
  /** Leads to its successor. */
  readonly renew?: () => void;
  /** What else there is to do. */
  readonly children?: ComponentChildren;
  readonly close: () => void;
}

/** What a credential sees of the projects it is attached to; `null` without any. */
export function seesOf({ credential, sees }: Renewed): string | null {
  if (credential.attachments.length === 0) return null;
  const known = credential.attachments.flatMap(({ sees, of }) => (sees === null || of === null ? [] : [{ sees, of }]));
  if (known.length === 0) return `sees ${formatCount(sees.repos, 'repository', 'repositories')}`;
  const [seen, all] = [known.reduce((sum, one) => sum + one.sees, 0), known.reduce((sum, one) => sum + one.of, 0)];
  return `sees ${seen} of ${formatCount(all, 'repository', 'repositories')}`;
}

const uses = ({ enabled, own }: PlanChoice) => enabled || own;

function remark({ own, sameUser }: PlanChoice): string {
  if (own) return 'the project’s own account: always used';
  return sameUser ? 'same user: adds no throughput' : 'adds throughput: another user’s requests';
}

interface PlansState {
  readonly choices: readonly PlanChoice[];
  /** Ids of the plans that are toggled on. */
  readonly on: readonly string[];
  readonly step: 'choose' | 'saving' | 'saved';
  readonly error: AppError | null;
}
type Set = (next: Partial<PlansState>) => void;

/** What is in GitProtect does nothing until a plan uses it, so the plans are right here. */
export function PlansCard(props: PlansCardProps) {
  const { plans } = props;
  const on = plans.filter(({ enabled }) => enabled).map(({ id }) => id);
  const start: PlansState = { choices: plans, on, step: 'choose', error: null };
  return <Stateful start={start} view={(state, set) => <Choices {...props} {...state} set={set} />} />;
}

function Choices({
  name,
  sees,
  attached,
  save,
  renew,
  children,
  close,
  choices,
  on,
  step,
  error,
  set,
}: PlansCardProps & PlansState & { readonly set: Set }) {
  const toggle = (id: string) => set({ on: on.includes(id) ? on.filter((one) => one !== id) : [...on, id], step: 'choose' });
  const submit = async () => {
    set({ step: 'saving', error: null });
    try {
      set({ choices: await save(choices.filter(({ id, own }) => on.includes(id) && !own).map(({ id }) => id)), step: 'saved' });
    } catch (reason) {
      set({ step: 'choose', error: asAppError(reason) });
    }
  };
  return (
    <>
      <div class="line">
        <h3 class="grow">“{name}” is in GitProtect</h3>
        {sees !== null && <span class="lozenge ok">{sees}</span>}
      </div>
      {step === 'saved' ? <p role="status">{savedWords(choices.filter(uses))}</p> : <Unused plans={choices} attached={attached} />}
      {choices.map((plan) => (
        <div class="line" key={plan.id}>
          <Switch
            on={plan.own || on.includes(plan.id)}
            label={`Use “${name}” in ${plan.name}`}
            disabled={plan.own || step === 'saving'}
            act={() => toggle(plan.id)}
          />
          <span class="text">{[plan.name, plan.projectKeys.join(', ')].filter((part) => part !== '').join(' · ')}</span>
          <small>{remark(plan)}</small>
        </div>
      ))}
      {error !== null && <Problem error={error} />}
      {children}
      <div class="line actions">
        {renew && <Button act={renew}>Renew</Button>}
        <Button look="quiet" act={close}>
          {step === 'saved' || (choices.length > 0 && choices.every(({ own }) => own)) ? 'Close' : 'Not now'}
        </Button>
        {choices.length === 0 && (
          <Button look="primary" act={() => go({ to: attached ? 'plans' : 'bitbucket' })}>
            {attached ? 'Create a plan' : 'Add a project'}
          </Button>
        )}
        {choices.some(({ own }) => !own) && step !== 'saved' && (
          <Button look="primary" disabled={step === 'saving'} act={() => void submit()}>
            {step === 'saving' ? 'Saving…' : 'Save'}
          </Button>
        )}
      </div>
    </>
  );
}

function savedWords(used: readonly PlanChoice[]): string {
  return used.length === 0 ? 'Saved. No plan uses it.' : `Saved. ${used.map(({ name }) => name).join(', ')} will use it from the next run.`;
}

function Unused({ plans, attached }: { readonly plans: readonly PlanChoice[]; readonly attached: boolean }) {
  if (plans.some(uses)) return null;
  const next = attached ? 'No plan covers a project that it sees.' : 'GitProtect knows no project that it sees.';
  return (
    <div class="note">
      <b>Not used by any backup yet.</b> {plans.length === 0 ? next : 'Enable it in a plan:'}
    </div>
  );
}
