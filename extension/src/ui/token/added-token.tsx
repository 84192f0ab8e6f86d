import { formatCount } from '@gitprotect/shared/format';
import type { Result } from '@gitprotect/shared/protocol';
import { Lozenge } from '../parts/lozenge.tsx';
import { Note } from '../parts/note.tsx';
import { EnableInPlans } from './enable-in-plans.tsx';

type Added = Result<'credential.add'>;

/** What was stored, and the cure for what is still missing: no backup uses it before a plan enables it. */
export function AddedToken({ added, onDone }: { added: Added; onDone: () => void }) {
  const { credential, known, sees, plans } = added;
  const own = plans.filter((plan) => plan.own);
  const idle = plans.every((plan) => !plan.own && !plan.enabled);
  return (
    <section class="card" aria-label={`${credential.name} was saved`}>
      <div class="row">
        <h3 class="grow">
          “{credential.name}” is in GitProtect
          {credential.owner !== null && <small> {credential.owner.slug}</small>}
        </h3>
        <Lozenge tone={sees.repos > 0 ? 'ok' : 'warn'} text={`sees ${formatCount(sees.repos, 'repository', 'repositories')}`} />
      </div>
      {known && <p class="sub">It was here before; its facts are up to date now.</p>}
      {own.length > 0 && (
        <Note tone="ok">As its project’s own credential it is used at once by {own.map(({ name }) => `“${name}”`).join(', ')}.</Note>
      )}
      {idle && (
        <Note tone="warn">
          <b>Not used by any backup yet.</b>{' '}
          {plans.length > 0 ? (
            'Enable it in a plan:'
          ) : (
            <>
              No plan has its projects. <a href="#/plans/new">Add plan</a>
            </>
          )}
        </Note>
      )}
      <EnableInPlans credentialId={credential.id} plans={plans.filter((plan) => !plan.own)} onDone={onDone} />
    </section>
  );
}
