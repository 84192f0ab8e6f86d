import { PublishedApi } from './openapi.ts';
import type { RequestRecord } from './request-log.ts';

/** What Bitbucket answers but Atlassian does not publish. */
const unpublished = [/ \/git-lfs\//, / \/branch-utils\/latest\/.*\/branchmodel/, / \/status$/, / \/plugins\//, / \/tsv\//, / \/login/];

/**
 * What is wrong with the REST answers the simulator gave while it recorded (`simulator.record`); empty when all are as published.
 * Answers no handler made (faults, redirects, refusals at the door) are left out.
 */
export function conformance(requests: readonly RequestRecord[], api = new PublishedApi()): string[] {
  const found = requests.flatMap(({ operation, status, answer }) => {
    if (operation === undefined || answer === undefined || unpublished.some((pattern) => pattern.test(operation))) return [];
    const problems = api.problems(operation, status, answer).filter((problem) => !general.has(status) || !problem.endsWith(unsaid(status)));
    return problems.map((problem) => `${operation} ${status}: ${problem}`);
  });
  return [...new Set(found)];
}

/** The operations that were asked for, as published, whatever became of them. */
export function operationsOf(requests: readonly RequestRecord[]): string[] {
  return [...new Set(requests.map(({ operation }) => operation).filter((operation) => operation !== undefined))].toSorted();
}

const unsaid = (status: number): string => `does not publish ${status}`;

/** Answers any operation may give, whether or not the document says so. */
const general = new Set([307, 400, 401, 404, 405, 406, 409, 429]);
