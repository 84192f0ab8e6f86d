import { Field } from '../../../ui/parts/field.tsx';

/** What can be chosen; a share set by the command line may lie between. */
const shares = [10, 20, 30, 40, 50, 60, 70, 80, 90, 100];

/** How much of each user's limit a plan may use, and why not all of it. */
export function ShareField({ share, onChange }: { share: number; onChange: (share: number) => void }) {
  const choices = [...new Set([...shares, share])].toSorted((one, other) => one - other);
  return (
    <Field
      label="Use at most, of each user’s limit"
      hint={
        share === 100
          ? 'While a backup runs these people may be refused in Bitbucket: it takes all of their requests.'
          : `The other ${100 - share} % stay for the people whose accounts these are, so that they can keep working while a backup runs.`
      }
    >
      {(ids) => (
        <select {...ids} value={String(share)} onChange={(event) => onChange(Number(event.currentTarget.value))}>
          {choices.map((one) => (
            <option key={one} value={String(one)}>
              {one} %
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}
