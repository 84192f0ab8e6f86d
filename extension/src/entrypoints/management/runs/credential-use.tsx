import type { RunDetail } from '@gitprotect/shared/run';
import { lanesOf, userIn } from './lanes.ts';

/** Which credentials a run used, and how much. Tokens of one user share its limit. */
export function CredentialUse({ run }: { run: RunDetail }) {
  if (run.credentials.length === 0) return null;
  const throttled = new Map(lanesOf(run, 0).users.map(({ user, throttled: stretches }) => [user, stretches.length]));
  return (
    <section class="card" aria-label="Credentials used">
      <h2>Credentials used</h2>
      <div class="table">
        <table>
          <thead>
            <tr>
              <th scope="col">Account</th>
              <th scope="col">User</th>
              <th scope="col" class="figure">
                Requests
              </th>
              <th scope="col" class="figure">
                User throttled
              </th>
            </tr>
          </thead>
          <tbody>
            {run.credentials.map(({ credentialId, name, ownerSlug, requests }) => (
              <tr key={credentialId}>
                <th scope="row">{name}</th>
                <td data-label="User">{ownerSlug ?? 'not known'}</td>
                <td class="figure" data-label="Requests">
                  {requests.toLocaleString('en-US')}
                </td>
                <td class="figure" data-label="User throttled">
                  {timesText(throttled.get(userIn(run, credentialId)) ?? 0)}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

const timesText = (count: number): string => (count === 0 ? 'never' : count === 1 ? 'once' : `${count.toLocaleString('en-US')} times`);
