import type { AppError } from '@gitprotect/shared/errors';
import { formatCount } from '@gitprotect/shared/format';
import type { Added, PlanChoice } from '@gitprotect/shared/protocol';
import { useState } from 'preact/hooks';
import { Button, Problem, Switch, go, inWords } from '../../in-page/parts.tsx';

export interface PlansCardProps {
  readonly name: string;
  /** `sees 41 of 41 repositories`, where it is known. */
  readonly sees: string | null;
  /** Whether it is attached to any project: without one there is nothing to plan. */
  readonly attached: boolean;
  readonly plans: readonly PlanChoice[];
  /** Plans to propose, as those of the credential that this one renews. */
  readonly propose: readonly string[];
  readonly save: (planIds: readonly string[]) => Promise<PlanChoice[]>;
  readonly close: () => void;
}

/** What a credential sees of the projects it is attached to; `null` without any. */
export function seesOf({ credential, sees }: Added): string | null {
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

/** What is in GitProtect does nothing until a plan uses it, so the plans are right here. */
export function PlansCard({ name, sees, attached, plans, propose, save, close }: PlansCardProps) {
  const [choices, setChoices] = useState(plans);
  const [on, setOn] = useState(new Set([...plans.filter(({ enabled }) => enabled).map(({ id }) => id), ...propose]));
  const [step, setStep] = useState<{ now: 'choose' | 'saving' | 'saved'; error: AppError | null }>({ now: 'choose', error: null });
  const toggle = (id: string) => setOn((now) => new Set(now.has(id) ? [...now].filter((one) => one !== id) : [...now, id]));
  const submit = async () => {
    setStep({ now: 'saving', error: null });
    try {
      setChoices(await save(choices.filter(({ id, own }) => on.has(id) && !own).map(({ id }) => id)));
      setStep({ now: 'saved', error: null });
    } catch (error) {
      setStep({ now: 'choose', error: inWords(error) });
    }
  };
  const used = choices.filter(uses);
  return (
    <>
      <div class="line">
        <h3 class="grow">“{name}” is in GitProtect</h3>
        {sees !== null && <span class="lozenge ok">{sees}</span>}
      </div>
      {step.now === 'saved' ? (
        <p role="status">
          {used.length === 0
            ? 'Saved. No plan uses it.'
            : `Saved. ${used.map((plan) => plan.name).join(', ')} will use it from the next run.`}
        </p>
      ) : (
        <Unused plans={choices} attached={attached} />
      )}
      {choices.map((plan) => (
        <div class="line" key={plan.id}>
          <Switch
            on={plan.own || on.has(plan.id)}
            label={`Use “${name}” in ${plan.name}`}
            disabled={plan.own || step.now === 'saving'}
            act={() => toggle(plan.id)}
          />
          <span class="text">{[plan.name, plan.projectKeys.join(', ')].filter((part) => part !== '').join(' · ')}</span>
          <small>{remark(plan)}</small>
        </div>
      ))}
      {step.error !== null && <Problem error={step.error} />}
      <div class="line actions">
        {choices.length === 0 && (
          <Button look="primary" act={() => go({ to: attached ? 'plans' : 'bitbucket' })}>
            {attached ? 'Create a plan' : 'Add a project'}
          </Button>
        )}
        <Button look="quiet" act={close}>
          {step.now === 'saved' ? 'Close' : 'Not now'}
        </Button>
        {choices.length > 0 && step.now !== 'saved' && (
          <Button look="primary" disabled={step.now === 'saving'} act={() => void submit()}>
            {step.now === 'saving' ? 'Saving…' : 'Save'}
          </Button>
        )}
      </div>
    </>
  );
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
