import type { Plan } from '@gitprotect/shared/plan';
import { Button } from '../parts/button.tsx';
import { Dialog } from '../parts/dialog.tsx';

interface OutsideWindowProps {
  readonly plan: Pick<Plan, 'name' | 'window'>;
  readonly start: () => Promise<void>;
  readonly onClose: () => void;
}

/** Asks before a plan runs outside its window. */
export function OutsideWindow({ plan: { name, window }, start, onClose }: OutsideWindowProps) {
  return (
    <Dialog title={`Run “${name}” outside its window?`} onClose={onClose}>
      <p>
        It asks Bitbucket only between {window?.from} and {window?.to} ({window?.timeZone}), so that people are not held up. Run now, it
        goes on to its end, whatever the hour.
      </p>
      <div class="actions">
        <Button onClick={onClose}>Cancel</Button>
        <Button
          look="primary"
          onClick={() => {
            onClose();
            void start();
          }}
        >
          Run all the same
        </Button>
      </div>
    </Dialog>
  );
}
