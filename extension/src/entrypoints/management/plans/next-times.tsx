import type { Schedule } from '@gitprotect/shared/plan';
import { nextDue } from '@gitprotect/shared/schedule';
import { useStore } from '../../../ui/store/use-store.ts';
import { dayAndTime } from '../../../ui/words/moment.ts';

/** The next three times, in the schedule's own time zone. */
export function NextTimes({ schedule }: { schedule: Schedule }) {
  const times = nextDue(schedule, useStore().time.value, 3);
  return (
    <p class="sub next" role="status">
      Next: {times.map((time) => dayAndTime(time, schedule.timeZone)).join(' · ')} <small class="code">{schedule.cron}</small>
    </p>
  );
}
