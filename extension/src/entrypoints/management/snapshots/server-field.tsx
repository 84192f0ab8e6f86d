import type { Server } from '@gitprotect/shared/server';
import { Field } from '../../../ui/parts/field.tsx';

/** Which Bitbucket. */
export function ServerField({ servers, value, onChange }: { servers: readonly Server[]; value: string; onChange: (id: string) => void }) {
  return (
    <Field label="Bitbucket">
      {(ids) => (
        <select {...ids} value={value} onChange={(event) => onChange(event.currentTarget.value)}>
          {servers.map((server) => (
            <option key={server.id} value={server.id}>
              {server.url}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}
