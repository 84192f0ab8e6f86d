import { readFileSync } from 'node:fs';
import { type Html, trusted } from './html.ts';

const files = ['look', 'texts', 'rows', 'sections', 'tokens', 'secret', 'behaviours', 'start'];

/** Joins the modules to one classic script: an inline module could not import, and a policy may allow nothing but inline. */
function joined(): string {
  const sources = files.map((file) => readFileSync(new URL(`./client/${file}.js`, import.meta.url), 'utf8'));
  return sources.map((source) => source.replaceAll(/^import \{([^}]*)\} from .*$/gm, aliases).replaceAll(/^export /gm, '')).join('\n');
}

/** `import { escapeHtml as e }` becomes `var e = escapeHtml;`, an import without a new name nothing. */
function aliases(_line: string, names: string): string {
  const renamed = [...names.matchAll(/(\w+) as (\w+)/g)].map(([, name, alias]) => `var ${alias} = ${name};`);
  return renamed.join(' ');
}

/** Defines `start` in the page. */
export const clientScript: Html = trusted(joined());
