/** The hooks and merge checks this instance has installed. */
export interface InstalledHook {
  readonly key: string;
  readonly name: string;
  readonly type: 'PRE_RECEIVE' | 'PRE_PULL_REQUEST_MERGE' | 'POST_RECEIVE';
  readonly description: string;
  /** Whether it has settings, and cannot be switched on without. */
  readonly configurable: boolean;
}

const bundled = 'com.atlassian.bitbucket.server.bitbucket-bundled-hooks';

export const installedHooks: readonly InstalledHook[] = [
  {
    key: `${bundled}:force-push-hook`,
    name: 'Reject Force Push',
    type: 'PRE_RECEIVE',
    description: 'Reject all force pushes (git push --force) to this repository',
    configurable: false,
  },
  {
    key: `${bundled}:verify-committer-hook`,
    name: 'Verify Committer',
    type: 'PRE_RECEIVE',
    description: 'Reject commits not committed by the user pushing to this repository',
    configurable: false,
  },
  {
    key: `${bundled}:all-approvers-merge-check`,
    name: 'All reviewers approve',
    type: 'PRE_PULL_REQUEST_MERGE',
    description: 'Requires all reviewers to approve the pull request before it can be merged.',
    configurable: false,
  },
  {
    key: `${bundled}:requiredApproversMergeHook`,
    name: 'Minimum approvals',
    type: 'PRE_PULL_REQUEST_MERGE',
    description: 'Requires a number of approvals before a pull request can be merged.',
    configurable: true,
  },
  {
    key: 'com.atlassian.bitbucket.server.bitbucket-build:requiredBuildsMergeCheck',
    name: 'Minimum successful builds',
    type: 'PRE_PULL_REQUEST_MERGE',
    description: 'Requires a number of successful builds before a pull request can be merged.',
    configurable: true,
  },
  {
    key: 'com.example.bitbucket.notify:http-post-receive-hook',
    name: 'HTTP request after a push',
    type: 'POST_RECEIVE',
    description: 'Calls an address after somebody pushed.',
    configurable: true,
  },
];
