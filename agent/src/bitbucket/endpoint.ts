/** What fills the `{names}` of a path. */
export type Names = Readonly<Record<string, string | number>>;

/** One path of the API as Atlassian publishes it, below `/rest`: `/api/latest/projects/{projectKey}`. */
export interface Endpoint {
  readonly template: string;
  /** The path to ask for, names encoded. @throws TypeError when one is missing */
  at(names: Names): string;
}

export function endpoint(template: string): Endpoint {
  return {
    template,
    at: (names) =>
      `/rest${template.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
        const value = names[name];
        if (value === undefined) throw new TypeError(`${template} needs ${name}`);
        return encodeURIComponent(value);
      })}`,
  };
}

/** A project, or (with a slug) one of its repos. */
export interface Scope {
  readonly projectKey: string;
  readonly slug: string | null;
}

/** The same thing at both levels. */
export interface ScopedEndpoint {
  readonly project: Endpoint;
  readonly repo: Endpoint;
  at(scope: Scope, more?: Names): string;
}

/** `scoped('/api/latest', '/webhooks')`: below the project, and below the repo. */
export function scoped(plugin: string, rest: string): ScopedEndpoint {
  const project = endpoint(`${plugin}/projects/{projectKey}${rest}`);
  const repo = endpoint(`${plugin}/projects/{projectKey}/repos/{repositorySlug}${rest}`);
  return {
    project,
    repo,
    at: ({ projectKey, slug }, more = {}) =>
      slug === null ? project.at({ ...more, projectKey }) : repo.at({ ...more, projectKey, repositorySlug: slug }),
  };
}
