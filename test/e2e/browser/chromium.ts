import { type BrowserContext, type Page, type Worker, chromium } from 'playwright-core';
import { hostPattern } from './host-pattern.ts';
import { programPath } from './needs.ts';
import { tempFolder } from './temp-folder.ts';

/** How to start the browser. */
export interface ChromiumOptions {
  /** Folder of the unpacked extension. */
  readonly extension: string;
  /** X display such as `:7` to draw on; without it the browser is headless. */
  readonly display?: string;
  readonly colorScheme?: 'light' | 'dark';
  readonly viewport?: { readonly width: number; readonly height: number };
}

/** A running Chromium with the extension loaded, in a profile of its own. Dispose closes it and removes the profile. */
export interface Chromium extends AsyncDisposable {
  readonly context: BrowserContext;
  readonly extensionId: string;
  /** Folder of the profile: all the browser keeps on disk. */
  readonly profile: string;
  /** The extension's service worker, once it runs. */
  worker(): Promise<Worker>;
  /** Stops the service worker as the browser does when it is idle; the next message or alarm starts it anew. */
  stopWorker(): Promise<void>;
  newPage(): Promise<Page>;
  /** Opens a page of the extension: `management.html#/plans`. */
  open(path: string): Promise<Page>;
  /** Grants the extension the hosts of `origin` (`http://127.0.0.1:7990`), as a yes in the permission dialog would. */
  grant(origin: string): Promise<void>;
}

const switches = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/**
 * Headless Chromium draws no permission dialog, `permissions.request` would wait for ever. The extensions page can allow the host
 * beforehand; the request then answers at once.
 */
async function grantHost(context: BrowserContext, extensionId: string, origin: string): Promise<void> {
  const pattern = hostPattern(origin);
  const page = await context.newPage();
  try {
    await page.goto(`chrome://extensions/?id=${extensionId}`);
    await page.evaluate(
      `new Promise((done) => chrome.developerPrivate.addHostPermission(${JSON.stringify(extensionId)}, ${JSON.stringify(pattern)}, done))`,
    );
    await page.goto(`chrome-extension://${extensionId}/manifest.json`);
    await page.evaluate(`chrome.permissions.request({ origins: [${JSON.stringify(pattern)}] })`);
  } catch (error) {
    throw new Error(`Chromium did not grant ${pattern} to the extension; is it in optional_host_permissions?`, { cause: error });
  } finally {
    await page.close();
  }
}

async function stopServiceWorker(context: BrowserContext, extensionId: string): Promise<void> {
  const page = await context.newPage();
  try {
    await page.goto(`chrome-extension://${extensionId}/manifest.json`);
    const session = await context.newCDPSession(page);
    const stopped = new Promise<void>((resolve) => {
      session.on('ServiceWorker.workerVersionUpdated', ({ versions }) => {
        if (versions.some(({ runningStatus }) => runningStatus === 'stopped')) resolve();
      });
    });
    await session.send('ServiceWorker.enable');
    await session.send('ServiceWorker.stopAllWorkers');
    await stopped;
  } finally {
    await page.close();
  }
}

/** Starts Chromium with the extension. Throws when the extension's service worker does not come up. */
export async function launchChromium(options: ChromiumOptions): Promise<Chromium> {
  await using started = new AsyncDisposableStack();
  const profile = started.use(await tempFolder('chromium'));
  const { extension, display, colorScheme, viewport } = options;
  const context = await chromium.launchPersistentContext(profile.path, {
    executablePath: programPath('chromium'),
    headless: display === undefined,
    args: [`--disable-extensions-except=${extension}`, `--load-extension=${extension}`, ...switches],
    ...(display === undefined ? {} : { env: { ...process.env, DISPLAY: display } }),
    ...(colorScheme === undefined ? {} : { colorScheme }),
    ...(viewport === undefined ? {} : { viewport }),
  });
  started.defer(() => context.close());
  const worker = async () => context.serviceWorkers()[0] ?? (await context.waitForEvent('serviceworker'));
  const extensionId = new URL((await worker()).url()).host;
  const running = started.move();
  return {
    context,
    extensionId,
    profile: profile.path,
    worker,
    stopWorker: () => stopServiceWorker(context, extensionId),
    newPage: () => context.newPage(),
    open: async (path) => {
      const page = await context.newPage();
      await page.goto(`chrome-extension://${extensionId}/${path}`);
      return page;
    },
    grant: (origin) => grantHost(context, extensionId, origin),
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}
