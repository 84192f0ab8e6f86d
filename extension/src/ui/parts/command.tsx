import { useAction } from '../store/use-action.ts';
import { Button } from './button.tsx';

/** A text for a terminal, a command or a path, with a button that copies it. */
export function Command({ text }: { text: string }) {
  const copy = useAction(async () => {
    await navigator.clipboard.writeText(text);
    return 'Copied';
  });
  return (
    <div class="command">
      <code>{text}</code>
      <Button onClick={() => void copy.run()} label={`Copy ${text}`}>
        {copy.done ?? 'Copy'}
      </Button>
      <span class="unseen" aria-live="polite">
        {copy.error === null ? copy.done : 'Not copied: select the text and copy it yourself'}
      </span>
    </div>
  );
}
