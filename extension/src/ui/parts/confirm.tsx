import type { ComponentChildren } from 'preact';
import { useAction } from '../store/use-action.ts';
import { ActionResult } from './action-result.tsx';
import { Button } from './button.tsx';
import { Dialog } from './dialog.tsx';

interface ConfirmProps {
  readonly title: string;
  /** What will be lost, and what will not. */
  readonly children: ComponentChildren;
  /** What the button says: the deed itself, never “OK”. */
  readonly deed: string;
  readonly act: () => Promise<void>;
  readonly onClose: () => void;
}

/** Asks before something that cannot be undone. Stays open with the reason when it fails. */
export function Confirm({ title, children, deed, act, onClose }: ConfirmProps) {
  const doing = useAction(async () => {
    await act();
    onClose();
  });
  return (
    <Dialog title={title} onClose={onClose}>
      {children}
      <ActionResult action={doing} />
      <div class="actions">
        <Button onClick={onClose}>Cancel</Button>
        <Button look="danger" busy={doing.busy} onClick={() => void doing.run()}>
          {deed}
        </Button>
      </div>
    </Dialog>
  );
}
