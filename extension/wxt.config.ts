import preactPlugin from '@preact/preset-vite';
import { chromePublicKey, firefoxExtensionId } from '@gitprotect/shared/extension-id';
import { defineConfig } from 'wxt';

/** Explicit, because Firefox's default adds `upgrade-insecure-requests`, which turns `ws://127.0.0.1` into `wss:`. */
const policy = (connect: string) => `script-src 'self'; object-src 'self'; connect-src 'self' ws://127.0.0.1:*${connect}`;
const devServer = ' ws://localhost:* http://localhost:*';

export default defineConfig({
  srcDir: 'src',
  imports: false,
  manifestVersion: 3,
  modules: ['@wxt-dev/webextension-polyfill'],
  vite: () => ({ plugins: [preactPlugin()] }),
  hooks: {
    /** The content script needs `runtime` only, whose promises are native in both browsers: it goes without the polyfill's 10 kB. */
    'vite:build:extendConfig': (entrypoints, config) => {
      const inPage = entrypoints.every(({ type }) => type === 'unlisted-script');
      if (!inPage) return;
      if (config.resolve?.alias) config.resolve.alias = {};
      // Nothing here needs lowering for older ones, and `color-scheme` would bring a stand-in for `light-dark()`, which is not used.
      config.build = { ...config.build, cssTarget: ['chrome123', 'firefox128'] };
    },
  },
  manifest: ({ browser, command }) => ({
    name: 'GitProtect for Bitbucket Data Center',
    short_name: 'GitProtect',
    description: 'Puts “Add to GitProtect” beside your HTTP access tokens, and shows what your backups do.',
    permissions: ['storage', 'scripting', 'alarms', 'activeTab'],
    host_permissions: ['http://127.0.0.1/*'],
    optional_host_permissions: ['https://*/*', 'http://*/*'],
    content_security_policy: { extension_pages: policy(command === 'serve' ? devServer : '') },
    action: { default_title: 'GitProtect' },
    options_ui: { page: 'management.html', open_in_tab: true },
    ...(browser === 'firefox'
      ? {
          browser_specific_settings: {
            gecko: { id: firefoxExtensionId, strict_min_version: '128.0', data_collection_permissions: { required: ['none'] } },
          },
        }
      : { key: chromePublicKey, minimum_chrome_version: '120' }),
  }),
});
