import { Field } from '../../../ui/parts/field.tsx';

/** The time zone of a plan's schedule. */
export function TimeZoneField({ value, onChange }: { value: string; onChange: (zone: string) => void }) {
  const zones = [...new Set(['UTC', value, ...Intl.supportedValuesOf('timeZone')])];
  return (
    <Field label="Time zone">
      {(ids) => (
        <select {...ids} value={value} onChange={(event) => onChange(event.currentTarget.value)}>
          {zones.map((zone) => (
            <option key={zone} value={zone}>
              {zone}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}
