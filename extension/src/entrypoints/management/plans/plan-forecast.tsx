import { adviceOf, basisOf, estimateText } from '@gitprotect/shared/forecast';
import { Loaded } from '../../../ui/parts/loaded.tsx';
import { useStore } from '../../../ui/store/use-store.ts';

/** What runs of a plan will cost, from what they cost so far, and what would make them shorter. */
export function PlanForecast({ planId }: { planId: string }) {
  const store = useStore();
  return (
    <section class="card narrow" aria-label="What to expect">
      <h2>What to expect</h2>
      <Loaded from={store.forecast(planId)}>
        {(forecast) => (
          <>
            {forecast.daily !== null && (
              <p>
                <b>A daily run</b>: {estimateText(forecast.daily)}
              </p>
            )}
            {forecast.full !== null && (
              <p>
                <b>A full run</b>, everything anew: {estimateText(forecast.full)}
              </p>
            )}
            {adviceOf(forecast).map((advice) => (
              <p key={advice}>{advice}</p>
            ))}
            <p class="sub">{basisOf(forecast)}</p>
          </>
        )}
      </Loaded>
    </section>
  );
}
