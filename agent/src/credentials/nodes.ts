/** Which nodes of a cluster answered one user lately, and how often. */
export type Nodes = ReadonlyMap<string, number>;

/** Older answers count half after so many: a load balancer changes its mind, nodes come and go. */
const remembered = 200;
/** One that answered less often says nothing. */
const seldom = 3;
const mostNodes = 16;

/**
 * The node that answered, from the answer's `X-AREQUESTID: @5BAAJ5x535x416x0`; `null` when it has none. Its first part is drawn by each
 * node at its start; then come the minute of the day and the number of the request (Atlassian's page on Bitbucket's log formats).
 */
export function nodeOf(requestId: string | undefined): string | null {
  return /^[@*]?([0-9A-Za-z]+)x\d+x\d+x\d+$/.exec(requestId ?? '')?.[1] ?? null;
}

/** Counts one more answer. */
export function answeredBy(nodes: Nodes, node: string): Nodes {
  const counts = new Map(nodes);
  counts.set(node, (counts.get(node) ?? 0) + 1);
  if (total(counts) < remembered) return counts;
  return new Map([...counts].map(([name, count]) => [name, count / 2] as const).filter(([, count]) => count >= 1));
}

/** How many equal nodes these are as good as: the busiest one's bucket is empty first. Counted short rather than long. */
export function nodesIn(nodes: Nodes): number {
  const counts = [...nodes.values()].filter((count) => count >= seldom);
  if (counts.length < 2) return 1;
  const sum = counts.reduce((all, count) => all + count, 0);
  return Math.min(mostNodes, Math.max(1, sum / (Math.max(...counts) + 1)));
}

const total = (nodes: Nodes): number => [...nodes.values()].reduce((all, count) => all + count, 0);
