import { type ComponentChildren, render } from 'preact';
import { ownTag } from '../bitbucket/composed-tree.ts';
import css from './style.css?inline';
import { themeAround } from './theme.ts';

/** Kept from the page: its shortcuts must not hear what is typed here, nor its rows take a click on our button for theirs. */
const contained = [
  'click',
  'dblclick',
  'mousedown',
  'mouseup',
  'pointerdown',
  'pointerup',
  'keydown',
  'keyup',
  'keypress',
  'input',
  'change',
  'submit',
];

/** One element of ours in the page. Its shadow root is closed: the page can neither read nor click what is inside. */
export interface Host {
  readonly element: HTMLElement;
  /** Shows `content` in the theme of wherever the element now is. */
  readonly show: (content: ComponentChildren) => void;
  /** The root's own nodes, for focus and measuring. */
  readonly query: (selector: string) => HTMLElement | null;
  readonly remove: () => void;
}

const roots = new WeakMap<Element, ShadowRoot>();

/** What really has the focus: inside one of our roots the page, and `document.activeElement`, see the host alone. */
export function focused(): Element | null {
  const { activeElement } = document;
  return (activeElement && roots.get(activeElement)?.activeElement) ?? activeElement;
}

export type HostKind = 'button' | 'top' | 'dock' | 'card';

export function createHost(kind: HostKind): Host {
  const element = document.createElement(ownTag);
  element.dataset['kind'] = kind;
  // So that the focus can come back from a card to the button that opened it.
  const root = element.attachShadow({ mode: 'closed', delegatesFocus: kind === 'button' || kind === 'top' });
  const style = document.createElement('style');
  // As text and not as a sheet object: Firefox does not let a content script adopt one.
  style.textContent = css;
  const place = document.createElement('div');
  root.append(style, place);
  for (const type of contained) element.addEventListener(type, (event) => event.stopPropagation());
  return {
    element,
    show(content) {
      place.className = `gp ${themeAround(element.parentElement ?? document.body)}`;
      render(content, place);
    },
    query: (selector) => place.querySelector<HTMLElement>(selector),
    remove() {
      render(null, place);
      element.remove();
    },
  };
}
