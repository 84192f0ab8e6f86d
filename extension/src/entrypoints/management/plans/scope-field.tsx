import { type MetadataKind, groupNames, groupWords, kindGroups, leftOutOf, wordsOfKind } from '@gitprotect/shared/metadata';

interface ScopeFieldProps {
  readonly leaveOut: readonly MetadataKind[];
  readonly onChange: (leaveOut: MetadataKind[]) => void;
}

/** What is backed up beside git: a box for each group, and for each kind below *Choose one by one*. */
export function ScopeField({ leaveOut, onChange }: ScopeFieldProps) {
  const put = (kinds: readonly MetadataKind[], wanted: boolean) => {
    const others = leaveOut.filter((kind) => !kinds.includes(kind));
    onChange(wanted ? others : [...others, ...kinds]);
  };
  return (
    <fieldset>
      <legend>Back up</legend>
      <div class="choices">
        <label class="check">
          <input type="checkbox" checked disabled />
          <span>git: all branches, tags and history</span>
        </label>
        {groupNames.map((group) => {
          const out = leftOutOf(group, leaveOut);
          return (
            <label key={group} class="check">
              <input
                type="checkbox"
                checked={out === 'none'}
                ref={(box) => {
                  if (box !== null) box.indeterminate = out === 'some';
                }}
                onChange={(event) => put(kindGroups[group], event.currentTarget.checked)}
              />
              <span>{groupWords[group]}</span>
            </label>
          );
        })}
      </div>
      <details>
        <summary>Choose one by one</summary>
        <div class="choices">
          {groupNames.flatMap((group) =>
            kindGroups[group].map((kind) => (
              <label key={kind} class="check">
                <input type="checkbox" checked={!leaveOut.includes(kind)} onChange={(event) => put([kind], event.currentTarget.checked)} />
                <span>{wordsOfKind(kind)}</span>
              </label>
            )),
          )}
        </div>
      </details>
      <small class="hint">
        Most settings, and all permissions and keys, are shown to administrators only: they need a credential with Repository admin, for
        those of a project Project admin. What no credential may read is named in the run and in the snapshot.
      </small>
    </fieldset>
  );
}
