/** The management page's addresses, in one place: the agent's `Need.route`, the popup and the page's buttons all lead here. */
export type Route =
  | { readonly page: 'overview' | 'bitbucket' | 'plans' | 'runs' | 'snapshots' | 'settings'; readonly id?: string }
  /** Asks for a token's secret, which Bitbucket does not show again. `token` is its id inside Bitbucket. */
  | { readonly page: 'paste'; readonly server: string; readonly token?: string; readonly name?: string }
  /** Pairs this browser with the agent. */
  | { readonly page: 'pair' };

const places = ['overview', 'bitbucket', 'plans', 'runs', 'snapshots', 'settings'] as const;

/** `#/plans/p1`, `#/plans/new`, `#/paste?server=…&token=…&name=…`; the overview is `#/`. */
export function hashOf(route: Route): string {
  if (route.page === 'pair') return '#/pair';
  if (route.page === 'paste') {
    const { server, token, name } = route;
    return `#/paste?${new URLSearchParams({ server, ...(token && { token }), ...(name && { name }) }).toString()}`;
  }
  if (route.page === 'overview') return '#/';
  return route.id === undefined ? `#/${route.page}` : `#/${route.page}/${encodeURIComponent(route.id)}`;
}

/** Reads `location.hash`; what is not known leads to the overview. */
export function routeOf(hash: string): Route {
  const [path = '', query = ''] = hash.replace(/^#?\/?/, '').split('?');
  const [name = '', id] = path.split('/');
  if (name === 'pair') return { page: 'pair' };
  if (name === 'paste') {
    const asked = new URLSearchParams(query);
    const token = asked.get('token');
    const label = asked.get('name');
    return { page: 'paste', server: asked.get('server') ?? '', ...(token && { token }), ...(label && { name: label }) };
  }
  const page = places.find((place) => place === name) ?? 'overview';
  return id === undefined || id === '' ? { page } : { page, id: decoded(id) };
}

/** As it stands where its percent signs are broken: then it names nothing that is here, and the page says so. */
function decoded(id: string): string {
  try {
    return decodeURIComponent(id);
  } catch {
    return id;
  }
}
