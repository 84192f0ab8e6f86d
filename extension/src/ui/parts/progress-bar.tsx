/** How far something is; without `of` it only shows that it is under way. */
export function ProgressBar({ done, of, label }: { done: number; of: number; label: string }) {
  const known = of > 0;
  return (
    <div
      class={known ? 'bar' : 'bar unknown'}
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={known ? of : undefined}
      aria-valuenow={known ? done : undefined}
    >
      <i style={known ? { width: `${Math.min(100, (done / of) * 100)}%` } : undefined} />
    </div>
  );
}
