import { useAction } from '../store/use-action.ts';
import { Button } from './button.tsx';

/** A command to run in a terminal, with a button that copies it. */
export function Command({ text }: { text: string }) {
  const copy = useAction(async () => {
    await navigator.clipboard.writeText(text);
    return 'Copied';
  });
  return (
    <div class="command">
      <code>{text}</code>
      <Button onClick={() => void copy.run()} label={`Copy the command ${text}`}>
        {copy.done ?? 'Copy'}
      </Button>
      <span class="unseen" aria-live="polite">
        {copy.error === null ? copy.done : 'Not copied: select the text and copy it yourself'}
      </span>
    </div>
  );
}
