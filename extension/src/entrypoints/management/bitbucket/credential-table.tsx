import { sameUser, type Credential } from '@gitprotect/shared/credential';
import type { ProjectView } from '../../../ui/words/safety.ts';
import { CredentialRow } from './credential-row.tsx';

/** The accounts of a project: whose they are, what they see, until when. */
export function CredentialTable({ project, credentials }: { project: ProjectView; credentials: readonly Credential[] }) {
  const ownFirst = credentials.toSorted(
    (one, other) => Number(other.id === project.ownCredentialId) - Number(one.id === project.ownCredentialId),
  );
  // Tokens of one user stand together, after the first of them.
  const sorted = [...new Set(ownFirst.flatMap((one) => [one, ...ownFirst.filter((other) => sameUser(other, one))]))];
  return (
    <div class="table">
      <table>
        <thead>
          <tr>
            <th scope="col">Account</th>
            <th scope="col">User</th>
            <th scope="col">Sees</th>
            <th scope="col">Expires</th>
            <th scope="col">Health</th>
            <th scope="col">Used by</th>
            <th scope="col">
              <span class="unseen">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {sorted.map((credential, at) => (
            <CredentialRow
              key={credential.id}
              project={project}
              credential={credential}
              twin={sorted.slice(0, at).find((other) => sameUser(other, credential))}
            />
          ))}
        </tbody>
      </table>
    </div>
  );
}
