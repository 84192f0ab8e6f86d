import type { CDPSession, Page } from 'playwright-core';
import { until } from './until.ts';

type Tree = Awaited<ReturnType<typeof treeOf>>;
type AxNode = Awaited<ReturnType<typeof accessible>>[number];

/** What to look for, in the words a screen reader would use. */
export interface Wanted {
  /** `button`, `switch`, `dialog`, `heading`, `StaticText`, … */
  readonly role: string;
  /** The whole name, or a pattern for it. */
  readonly name: string | RegExp;
  /** Which of several, from 0; the first when absent. */
  readonly nth?: number;
}

/** Something the extension shows in the page. */
export interface Thing {
  readonly role: string;
  readonly name: string;
  readonly description: string;
  readonly disabled: boolean;
  readonly focused: boolean;
  /** Of a switch or check box. */
  readonly checked: boolean | undefined;
  /** The document's own id of its element, as long as that lives. */
  readonly node: number;
}

/** A rectangle in the viewport, in CSS pixels. */
export interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** The one element name the extension adds to pages. */
const ownTag = 'GITPROTECT-UI';

const treeOf = async (session: CDPSession) => (await session.send('DOM.getDocument', { depth: -1, pierce: true })).root;

async function accessible(session: CDPSession, root: number) {
  return (await session.send('Accessibility.queryAXTree', { backendNodeId: root })).nodes;
}

/** The node and all below it, shadow roots of every kind included. */
function* nodesBelow(node: Tree): Generator<Tree> {
  yield node;
  for (const child of [...(node.shadowRoots ?? []), ...(node.children ?? [])]) yield* nodesBelow(child);
}

const blocks = new Set(['DIV', 'P', 'H3', 'LI', 'BUTTON', 'SUMMARY', 'LABEL', 'OPTION', 'SMALL']);

function textBelow(node: Tree): string {
  if (node.nodeName === 'STYLE') return '';
  if (node.nodeType === 3) return node.nodeValue;
  const inside = [...(node.shadowRoots ?? []), ...(node.children ?? [])].map(textBelow).join('');
  return blocks.has(node.nodeName) ? `\n${inside}\n` : inside;
}

function property(node: AxNode, name: string): unknown {
  return node.properties?.find((one) => one.name === name)?.value.value;
}

const text = (value: { value?: unknown } | undefined) => (typeof value?.value === 'string' ? value.value : '');

function thingOf(node: AxNode): Thing {
  const checked = property(node, 'checked');
  return {
    role: text(node.role),
    name: text(node.name).replaceAll(/\s+/g, ' ').trim(),
    description: text(node.description),
    disabled: property(node, 'disabled') === true,
    focused: property(node, 'focused') === true,
    checked: checked === undefined ? undefined : checked === 'true' || checked === true,
    node: node.backendDOMNodeId ?? 0,
  };
}

const words = ({ role, name }: Wanted) => `${role} “${name instanceof RegExp ? name.source : name}”`;

/**
 * What the extension shows inside a page's closed shadow roots, found and used as a person does: by role and name in the
 * accessibility tree, with real mouse and keyboard events. No script can get there, so the debugging protocol does.
 *
 *     const ours = await InShadow.of(page);
 *     await ours.click({ role: 'button', name: /Create a backup token/ });
 */
export class InShadow {
  readonly #page: Page;
  readonly #session: CDPSession;

  private constructor(page: Page, session: CDPSession) {
    this.#page = page;
    this.#session = session;
  }

  /** Goes with the page, over all its navigations. */
  static async of(page: Page): Promise<InShadow> {
    return new InShadow(page, await page.context().newCDPSession(page));
  }

  /** Everything the extension shows now, in the order of the page. */
  async all(): Promise<readonly Thing[]> {
    const root = await treeOf(this.#session);
    const ours = new Set<number>();
    for (const host of nodesBelow(root)) {
      if (host.nodeName !== ownTag) continue;
      for (const { backendNodeId } of nodesBelow(host)) ours.add(backendNodeId);
    }
    if (ours.size === 0) return [];
    const nodes = await accessible(this.#session, root.backendNodeId);
    return nodes.filter(({ ignored, backendDOMNodeId }) => !ignored && ours.has(backendDOMNodeId ?? 0)).map(thingOf);
  }

  /** All that fit, now. */
  async find({ role, name }: Omit<Wanted, 'nth'>): Promise<readonly Thing[]> {
    const fits = (found: string) => (name instanceof RegExp ? name.test(found) : name === found);
    return (await this.all()).filter((thing) => thing.role === role && fits(thing.name));
  }

  /** Waits until it is there. */
  see(wanted: Wanted): Promise<Thing> {
    return until(words(wanted), async () => (await this.find(wanted))[wanted.nth ?? 0], this.#instead);
  }

  /** Waits until nothing of the kind is there. */
  gone(wanted: Omit<Wanted, 'nth'>): Promise<true> {
    return until(`the end of ${words(wanted)}`, async () => ((await this.find(wanted)).length === 0 ? true : undefined), this.#instead);
  }

  /** All words the extension shows, a line for each block. */
  async text(): Promise<string> {
    const hosts = [...nodesBelow(await treeOf(this.#session))].filter(({ nodeName }) => nodeName === ownTag);
    return hosts
      .map(textBelow)
      .join('\n')
      .replaceAll(/[^\S\n]+/g, ' ')
      .replaceAll(/ ?\n\s*/g, '\n')
      .trim();
  }

  /** Waits until what the extension shows fits. */
  read(pattern: RegExp): Promise<string> {
    const look = async () => {
      const shown = await this.text();
      return pattern.test(shown) ? shown : undefined;
    };
    return until(`text ${pattern.source}`, look, this.#instead);
  }

  /** Where it is drawn; `null` when it is not. */
  async box({ node }: Pick<Thing, 'node'>): Promise<Box | null> {
    const answer = await this.#session.send('DOM.getContentQuads', { backendNodeId: node }).catch(() => null);
    const [quad] = answer?.quads ?? [];
    if (quad === undefined) return null;
    const [xs, ys] = [quad.filter((_, at) => at % 2 === 0), quad.filter((_, at) => at % 2 === 1)];
    const [left, top] = [Math.min(...xs), Math.min(...ys)];
    return { left, top, width: Math.max(...xs) - left, height: Math.max(...ys) - top };
  }

  /** Waits until it is there, enabled and not covered by anything, then presses the mouse on its middle. */
  async click(wanted: Wanted): Promise<void> {
    const { x, y } = await until(
      `a ${words(wanted)} to click`,
      async () => {
        const thing = (await this.find(wanted))[wanted.nth ?? 0];
        return thing === undefined || thing.disabled ? undefined : this.#clickable(thing);
      },
      this.#instead,
    );
    await this.#page.mouse.click(x, y);
  }

  /** Goes there with Tab alone and presses `key`. */
  async press(wanted: Wanted, key = 'Enter'): Promise<void> {
    await this.see(wanted);
    for (let tabs = 0; tabs < 200; tabs += 1) {
      const focused = (await this.find(wanted)).find((thing) => thing.focused);
      if (focused !== undefined) return this.#page.keyboard.press(key);
      await this.#page.keyboard.press('Tab');
    }
    throw new Error(`Tab does not lead to ${words(wanted)}`);
  }

  /** The middle of a thing, when that is where a click would meet it. */
  async #clickable({ node }: Thing): Promise<{ x: number; y: number } | undefined> {
    await this.#session.send('DOM.scrollIntoViewIfNeeded', { backendNodeId: node }).catch(() => undefined);
    const box = await this.box({ node });
    if (box === null) return undefined;
    const [x, y] = [Math.round(box.left + box.width / 2), Math.round(box.top + box.height / 2)];
    const { cssVisualViewport: view } = await this.#session.send('Page.getLayoutMetrics');
    const at = { x: x + Math.round(view.pageX), y: y + Math.round(view.pageY) };
    const hit = await this.#session.send('DOM.getNodeForLocation', at).catch(() => null);
    for (const found of nodesBelow(await treeOf(this.#session))) {
      if (found.backendNodeId !== node) continue;
      return [...nodesBelow(found)].some(({ backendNodeId }) => backendNodeId === hit?.backendNodeId) ? { x, y } : undefined;
    }
    return undefined;
  }

  readonly #instead = async (): Promise<string> => {
    const shown = await this.all();
    const lines = shown.filter(({ name }) => name !== '').map((thing) => `${words(thing)}${thing.disabled ? ' (disabled)' : ''}`);
    return lines.length === 0 ? 'The extension shows nothing.' : `The extension shows: ${lines.join(', ')}`;
  };
}
