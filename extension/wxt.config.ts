import { defineConfig } from 'wxt';

export default defineConfig({ srcDir: 'src', imports: false, manifestVersion: 3 });
