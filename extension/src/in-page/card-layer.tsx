import type { ComponentChildren } from 'preact';
import { type Host, createHost, focused } from './host.tsx';

export interface CardOptions {
  /** What the card belongs to: it opens beside it. */
  readonly anchor: Element;
  /** Whether a person asked for it: only then may it take the focus. */
  readonly focus: boolean;
}

const gap = 8;
const margin = 12;
const modal = 'dialog, [role="dialog"], [role="alertdialog"], [aria-modal="true"]';

/** Where a card of a size fits beside an anchor: below, else above, always within the window. */
export function placeBeside(anchor: DOMRect, card: { width: number; height: number }, view: { width: number; height: number }) {
  const below = anchor.bottom + gap;
  const top = below + card.height <= view.height - margin ? below : anchor.top - gap - card.height;
  const clamp = (value: number, size: number, room: number) => Math.max(margin, Math.min(value, room - size - margin));
  return { top: clamp(top, card.height, view.height), left: clamp(anchor.right - card.width, card.width, view.width) };
}

/** The one card that may be open. It lies in the browser's top layer, so nothing of the page covers or cuts it. */
export class CardLayer {
  #host: Host | null = null;
  #options: CardOptions | null = null;
  #render: () => void = () => undefined;
  #before: Element | null = null;
  /** Whether the person works in the card. A step that ends takes its focused button with it; the focus stays in the card then. */
  #inside = false;
  readonly #signal: AbortSignal;

  constructor(signal: AbortSignal) {
    this.#signal = signal;
    addEventListener('scroll', this.#place, { capture: true, passive: true, signal });
    addEventListener('resize', this.#place, { passive: true, signal });
    document.addEventListener('pointerdown', ({ target }) => (this.#inside = target === this.#host?.element), { capture: true, signal });
    signal.addEventListener('abort', () => this.close(), { once: true });
  }

  /** Opens a card in place of the one that is open. `label` names it to a screen reader. */
  show(label: string, content: () => ComponentChildren, options: CardOptions): void {
    this.close();
    if (this.#signal.aborted) return;
    const host = createHost('card');
    this.#host = host;
    this.#options = options;
    this.#before = focused();
    // Everything outside a modal dialog is dead to clicks and to the keyboard, so there the card joins it.
    const home = options.anchor.closest(modal) ?? document.documentElement;
    home.append(host.element);
    this.#render = () => host.show(this.#frame(label, content(), options));
    this.#render();
    const card = this.#card;
    card?.showPopover?.();
    this.#place();
    if (card !== null && typeof ResizeObserver === 'function') new ResizeObserver(this.#place).observe(card);
    this.#inside = options.focus;
    this.#keepFocus();
  }

  /** Shows the open card anew, after something it shows has changed; puts it back where the page took it away, as a dialog that closes does. */
  update(): void {
    const host = this.#host;
    if (host === null) return;
    this.#render();
    if (host.element.isConnected) return;
    document.documentElement.append(host.element);
    this.#card?.showPopover?.();
    this.#place();
  }

  close(): void {
    const host = this.#host;
    if (host === null) return;
    const hadFocus = this.#inside;
    this.#inside = false;
    this.#host = null;
    this.#options = null;
    this.#render = () => undefined;
    host.remove();
    if (hadFocus && this.#before instanceof HTMLElement && this.#before.isConnected) this.#before.focus({ preventScroll: true });
  }

  #frame(label: string, content: ComponentChildren, { focus }: CardOptions) {
    return (
      <div
        class="card surface stack"
        popover="manual"
        role={focus ? 'dialog' : 'region'}
        aria-label={label}
        aria-live={focus ? undefined : 'polite'}
        tabIndex={-1}
        onKeyDown={(event) => {
          if (event.key === 'Escape') this.close();
        }}
      >
        {content}
      </div>
    );
  }

  get #card(): HTMLElement | null {
    return this.#host?.query('.card') ?? null;
  }

  #keepFocus(): void {
    const adrift = document.activeElement === null || document.activeElement === document.body;
    if (this.#inside && (adrift || focused() === this.#before)) this.#card?.focus({ preventScroll: true });
  }

  #place = (): void => {
    const card = this.#card;
    if (card === null || this.#options === null) return;
    const { anchor } = this.#options;
    const corner = new DOMRect(innerWidth - margin, margin, 0, 0);
    const beside = anchor.isConnected ? anchor.getBoundingClientRect() : corner;
    const { top, left } = placeBeside(beside, card.getBoundingClientRect(), { width: innerWidth, height: innerHeight });
    card.style.inset = `${top}px auto auto ${left}px`;
    this.#keepFocus();
  };
}
