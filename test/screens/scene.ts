import type { ErrorReport } from '@gitprotect/shared/errors';
import type { Method, Result } from '@gitprotect/shared/protocol';

/** How the background answers in one picture. */
export interface Scene {
  readonly connection: unknown;
  /** Answers by method; what is missing is refused, `wait` never answers. */
  readonly answers: { readonly [M in Method]?: Result<M> | { readonly refused: ErrorReport } | 'wait' };
  readonly sites?: readonly { readonly url: string; readonly permitted: boolean }[];
  /** Pushed after the connection. */
  readonly events?: readonly { readonly name: string; readonly body: unknown }[];
  /** The tab the popup was opened on. */
  readonly tab?: { readonly url: string; readonly title: string };
}

/** Runs in the page before its own scripts: a background that answers from the scene. Self-contained, it travels as text. */
export function actScene(scene: Scene): void {
  const { chrome } = globalThis as unknown as { chrome?: { runtime?: Record<string, unknown>; tabs?: Record<string, unknown> } };
  if (chrome?.runtime === undefined) return;
  const local = { connection: scene.connection, pair: scene.connection, sites: scene.sites ?? [] };
  const answers: Record<string, unknown> = { ...scene.answers, ...local };
  const reply = (method: string, slug: unknown): Promise<unknown> => {
    const all = answers[method];
    // Of the snapshots, those of the repo that is asked for.
    const found = method === 'snapshot.list' && slug !== undefined ? (all as { slug: unknown }[]).filter((one) => one.slug === slug) : all;
    if (found === 'wait') return new Promise(() => undefined);
    if (found === undefined) return Promise.resolve({ ok: false, error: { code: 'internal', message: `no scene for ${method}` } });
    const { refused } = found as { refused?: unknown };
    return Promise.resolve(refused === undefined ? { ok: true, result: found } : { ok: false, error: refused });
  };
  /** Chrome's own promises, or the callback that the polyfill adds. Inside, because this function travels alone. */
  // oxlint-disable-next-line unicorn/consistent-function-scoping
  const both = (answer: (asked: unknown) => Promise<unknown>) => async (asked: unknown, callback?: (value: unknown) => void) => {
    const value = await answer(asked);
    callback?.(value);
    return value;
  };
  chrome.runtime['sendMessage'] = both((question) => {
    const { method, params } = question as { method: string; params?: { slug?: unknown } };
    return reply(method, params?.slug);
  });
  chrome.runtime['connect'] = () => ({
    disconnect: () => undefined,
    onDisconnect: { addListener: () => undefined },
    onMessage: {
      addListener: (hear: (event: unknown) => void) => {
        if (scene.connection !== null) hear({ name: 'connection', body: scene.connection });
        for (const event of scene.events ?? []) setTimeout(() => hear(event), 150);
      },
    },
  });
  if (chrome.tabs !== undefined) chrome.tabs['query'] = both(() => Promise.resolve(scene.tab === undefined ? [{}] : [scene.tab]));
}
