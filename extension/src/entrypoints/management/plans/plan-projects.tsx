import { useId } from 'preact/hooks';
import { Loaded } from '../../../ui/parts/loaded.tsx';
import { useStore } from '../../../ui/store/use-store.ts';

interface PlanProjectsProps {
  readonly chosen: readonly string[];
  readonly onChange: (chosen: readonly string[]) => void;
  readonly problem: string | undefined;
}

/** Which projects a plan backs up. */
export function PlanProjects({ chosen, onChange, problem }: PlanProjectsProps) {
  const store = useStore();
  const id = useId();
  return (
    <fieldset aria-describedby={problem === undefined ? undefined : id}>
      <legend>Projects</legend>
      <Loaded from={store.projects}>
        {(projects) =>
          projects.length === 0 ? (
            <p class="sub">
              No project was added yet. <a href="#/bitbucket/new">Add project</a>
            </p>
          ) : (
            <div class="choices">
              {projects.map((project) => (
                <label key={project.id} class="check">
                  <input
                    type="checkbox"
                    checked={chosen.includes(project.id)}
                    onChange={(event) =>
                      onChange(event.currentTarget.checked ? [...chosen, project.id] : chosen.filter((one) => one !== project.id))
                    }
                  />
                  <span>
                    {project.name ?? project.key} <small>{project.key}</small>
                  </span>
                </label>
              ))}
            </div>
          )
        }
      </Loaded>
      {problem !== undefined && (
        <small id={id} class="problem" role="alert">
          {problem}
        </small>
      )}
    </fieldset>
  );
}
