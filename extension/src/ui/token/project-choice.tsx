import { useId } from 'preact/hooks';
import { valueOf } from '../store/loadable.ts';
import { useStore } from '../store/use-store.ts';

interface ProjectChoiceProps {
  readonly serverId: string;
  /** `null`: every project here that the token can read. */
  readonly chosen: readonly string[] | null;
  readonly onChange: (chosen: readonly string[] | null) => void;
}

/** Which projects a credential is attached to. */
export function ProjectChoice({ serverId, chosen, onChange }: ProjectChoiceProps) {
  const group = useId();
  const projects = (valueOf(useStore().projects.current) ?? []).filter((project) => project.serverId === serverId);
  const flip = (id: string, on: boolean) => onChange(on ? [...(chosen ?? []), id] : (chosen ?? []).filter((one) => one !== id));
  return (
    <fieldset>
      <legend>Use it for</legend>
      <label class="check">
        <input type="radio" name={group} checked={chosen === null} onChange={() => onChange(null)} />
        every project here that it can read
      </label>
      <label class="check">
        <input type="radio" name={group} checked={chosen !== null} onChange={() => onChange([])} />
        these projects
      </label>
      {chosen !== null && (
        <div class="choices">
          {projects.map(({ id, key, name }) => (
            <label key={id} class="check">
              <input type="checkbox" checked={chosen.includes(id)} onChange={(event) => flip(id, event.currentTarget.checked)} />
              <span>
                {name ?? key} <small>{key}</small>
              </span>
            </label>
          ))}
          {projects.length === 0 && <p class="sub">No project of this server was added yet.</p>}
        </div>
      )}
    </fieldset>
  );
}
