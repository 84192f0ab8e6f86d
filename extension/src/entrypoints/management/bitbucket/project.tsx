import { useState } from 'preact/hooks';
import { Button } from '../../../ui/parts/button.tsx';
import { Empty } from '../../../ui/parts/empty.tsx';
import { Loaded } from '../../../ui/parts/loaded.tsx';
import { useStore } from '../../../ui/store/use-store.ts';
import type { ProjectView } from '../../../ui/words/safety.ts';
import { AdditionalCredentials } from './additional-credentials.tsx';
import { Coverage } from './coverage.tsx';
import { ProjectNews } from './project-news.tsx';
import { ProjectFacts } from './project-facts.tsx';
import { RemoveProject } from './remove-project.tsx';

/** One project: how it is, and the credentials that serve it. */
export function Project({ id }: { id: string }) {
  const store = useStore();
  return (
    <>
      <nav aria-label="Breadcrumb">
        <a href="#/bitbucket">← Bitbucket</a>
      </nav>
      <Loaded from={store.projects}>
        {(projects) => {
          const project = projects.find((one) => one.id === id);
          return project === undefined ? (
            <Empty title="This project is not here">
              <p class="sub">It was removed, or the link is old.</p>
              <a href="#/bitbucket">See all projects</a>
            </Empty>
          ) : (
            <ProjectEdit project={project} />
          );
        }}
      </Loaded>
    </>
  );
}

function ProjectEdit({ project }: { project: ProjectView }) {
  const [removing, setRemoving] = useState(false);
  const name = project.name ?? project.key;
  return (
    <div class="stack">
      <div class="page-head">
        <h1>
          {name} <small>{project.key}</small>
        </h1>
        <Button onClick={() => setRemoving(true)} label={`Remove ${name}`}>
          Remove
        </Button>
      </div>
      <ProjectFacts project={project} />
      <ProjectNews project={project} />
      <AdditionalCredentials project={project} />
      {project.credentialIds.length > 0 && <Coverage project={project} />}
      {removing && <RemoveProject project={project} onClose={() => setRemoving(false)} />}
    </div>
  );
}
