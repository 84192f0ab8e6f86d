import { setTimeout as delay } from 'node:timers/promises';
import { type Browser, type Page, launch } from 'puppeteer-core';
import { hostPattern } from './host-pattern.ts';
import { programPath } from './needs.ts';

/** How to start the browser. */
export interface FirefoxOptions {
  /** Folder of the unpacked extension; its manifest needs `browser_specific_settings.gecko.id`. */
  readonly extension: string;
  readonly colorScheme?: 'light' | 'dark';
  readonly viewport?: { readonly width: number; readonly height: number };
}

/** A running headless Firefox with the extension installed for this run. Dispose closes it; its profile is gone then. */
export interface Firefox extends AsyncDisposable {
  readonly browser: Browser;
  /** Host of the extension's addresses, new for each profile: `moz-extension://<extensionId>/`. */
  readonly extensionId: string;
  newPage(): Promise<Page>;
  /** Opens a page of the extension. Its background is in reach there: `browser.runtime.getBackgroundPage()`. */
  open(path: string): Promise<Page>;
  /** Grants the extension the hosts of `origin`, as a yes in the permission prompt would; `permissions.onAdded` fires. */
  grant(origin: string): Promise<void>;
}

/** Pages other than the web's are open to automation only with this. */
const systemAccess = '--remote-allow-system-access';

/**
 * Goes to an address that lives in another process than the page before: there puppeteer's `goto` waits for a load event it
 * never sees (Firefox 153), so the document itself is asked. Not by `waitForFunction`: privileged pages forbid what it does.
 */
async function goAcross(page: Page, url: string): Promise<void> {
  let refused: unknown;
  page.goto(url).catch((error: unknown) => (refused = error));
  const { protocol } = new URL(url);
  const there = `location.protocol === ${JSON.stringify(protocol)} && location.href !== 'about:blank' && document.readyState === 'complete'`;
  const deadline = AbortSignal.timeout(15_000);
  while (!(await page.evaluate(there).catch(() => false))) {
    if (refused !== undefined || deadline.aborted) throw new Error(`Firefox did not open ${url}`, { cause: refused });
    await delay(25);
  }
}

/** Runs `code` with the browser's own rights: about:config is a page that has them. */
async function privileged(browser: Browser, code: string): Promise<unknown> {
  const page = await browser.newPage();
  try {
    await goAcross(page, 'about:config');
    return await page.evaluate(code);
  } finally {
    await page.close();
  }
}

const grantCode = (addOn: string, pattern: string) => `(async () => {
  const { ExtensionPermissions } = ChromeUtils.importESModule('resource://gre/modules/ExtensionPermissions.sys.mjs');
  const { extension } = WebExtensionPolicy.getByID(${JSON.stringify(addOn)});
  const permissions = { permissions: [], origins: [${JSON.stringify(pattern)}], data_collection: [] };
  await ExtensionPermissions.add(extension.id, permissions, extension);
})()`;

/** Starts Firefox with the extension. */
export async function launchFirefox({ extension, colorScheme, viewport }: FirefoxOptions): Promise<Firefox> {
  await using started = new AsyncDisposableStack();
  const browser = await launch({
    browser: 'firefox',
    executablePath: programPath('firefox'),
    headless: true,
    args: [systemAccess],
    defaultViewport: viewport ?? null,
    extraPrefsFirefox: {
      // `permissions.request` in a click handler is granted without a prompt.
      'extensions.webextOptionalPermissionPrompts': false,
      ...(colorScheme && { 'layout.css.prefers-color-scheme.content-override': colorScheme === 'dark' ? 0 : 1 }),
    },
  });
  started.defer(() => browser.close());
  const addOn = await browser.installExtension(extension);
  const extensionId = String(await privileged(browser, `WebExtensionPolicy.getByID(${JSON.stringify(addOn)}).mozExtensionHostname`));
  const running = started.move();
  return {
    browser,
    extensionId,
    newPage: () => browser.newPage(),
    open: async (path) => {
      const page = await browser.newPage();
      await goAcross(page, `moz-extension://${extensionId}/${path}`);
      return page;
    },
    grant: async (origin) => void (await privileged(browser, grantCode(addOn, hostPattern(origin)))),
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}
