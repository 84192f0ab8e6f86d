import { Button } from './button.tsx';

interface PagerProps {
  /** From 0. */
  readonly page: number;
  readonly size: number;
  readonly total: number;
  readonly noun: string;
  readonly onPage: (page: number) => void;
}

/** Which part of a long list is shown, and the way to the rest. */
export function Pager({ page, size, total, noun, onPage }: PagerProps) {
  const from = page * size;
  const to = Math.min(total, from + size);
  const words = total === 0 ? `No ${noun} like that` : `${from + 1}–${to} of ${total.toLocaleString('en-US')} ${noun}`;
  return (
    <div class="pager">
      <small role="status">{words}</small>
      {total > size && (
        <>
          <Button disabled={page === 0} onClick={() => onPage(page - 1)}>
            Previous
          </Button>
          <Button disabled={to >= total} onClick={() => onPage(page + 1)}>
            Next
          </Button>
        </>
      )}
    </div>
  );
}
