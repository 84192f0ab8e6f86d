import { AppError } from '@gitprotect/shared/errors';
import { scoped } from '../../endpoint.ts';
import { at, fieldsOf, flagAt, listAt, numberAt, textAt } from '../fields.ts';
import { incomplete, itemsOfList, type Item, type Level } from '../item.ts';
import type { WriteContext } from '../kind-writer.ts';
import { everyEntry, submit } from '../submit.ts';
import { listWriter } from '../write-items.ts';

const listsAt = {
  rules: { all: scoped('/api/latest', '/secret-scanning/rules'), one: scoped('/api/latest', '/secret-scanning/rules/{id}') },
  allowlist: { all: scoped('/api/latest', '/secret-scanning/allowlist'), one: scoped('/api/latest', '/secret-scanning/allowlist/{id}') },
};
const ruleOperations = (level: Level): readonly string[] =>
  Object.values(listsAt).flatMap(({ all, one }) => [
    `GET ${all[level].template}`,
    `POST ${all[level].template}`,
    `PUT ${one[level].template}`,
  ]);
const exemptAt = scoped('/api/latest', '/secret-scanning/exempt');

interface Rule {
  readonly list: 'rules' | 'allowlist';
  readonly name: string;
  readonly lineRegex?: string;
  readonly pathRegex?: string;
}
/** A repo that is not scanned: `slug` is `null` for the repo itself, else one of the project. */
interface Exempt {
  readonly list: 'exempt';
  readonly slug: string | null;
}
type Entry = Rule | Exempt;

const words = { rules: 'secret scanning rule', allowlist: 'secret scanning exception' } as const;

function ruleItems(value: unknown, list: Rule['list'], level: Level): readonly Item<Entry>[] {
  const found = at(value, list);
  if (found === undefined || found === null) return [];
  return itemsOfList<Entry>(found, level, `${words[list]}s`, (entry) => {
    const name = textAt(entry, 'name');
    if (name === undefined) return incomplete(words[list], entry);
    const lineRegex = textAt(entry, 'lineRegex');
    const pathRegex = textAt(entry, 'pathRegex');
    const content = { list, name, ...(lineRegex === undefined ? {} : { lineRegex }), ...(pathRegex === undefined ? {} : { pathRegex }) };
    return { key: `${list} ${name}`, what: `${words[list]} “${name}”`, content, id: numberAt(entry, 'id') };
  });
}

/** A project lists its exempt repos; a repo says whether it is one. */
function exemptItems(value: unknown): readonly Item<Entry>[] {
  const exempt = at(value, 'exempt');
  const isExempt = exempt === true || flagAt(exempt, 'exempt') === true;
  const slugs: readonly (string | null)[] = isExempt ? [null] : listAt(value, 'exempt').flatMap((repo) => textAt(repo, 'slug') ?? []);
  return slugs.map((slug) => {
    const what = slug === null ? 'exemption from secret scanning' : `exemption of “${slug}” from secret scanning`;
    return { key: `exempt ${slug ?? ''}`, what, content: { list: 'exempt', slug } };
  });
}

async function isExempt({ target, scope, signal }: WriteContext): Promise<boolean> {
  try {
    // The published document says nothing of the answer's body.
    const text = await target.text(exemptAt.at(scope), { signal });
    return /"exempt"\s*:\s*true|^true$/.test(text.trim());
  } catch (error) {
    if (error instanceof AppError && error.code === 'not-found') return false;
    throw error;
  }
}

function add(entry: Entry, context: WriteContext): Promise<void> {
  const { scope } = context;
  if (entry.list !== 'exempt') {
    const { list, ...json } = entry;
    return submit(context, 'POST', listsAt[list].all.at(scope), { json });
  }
  if (entry.slug === null) return submit(context, 'PUT', exemptAt.at(scope), { nothing: true });
  return submit(context, 'POST', exemptAt.at(scope), { json: [{ projectKey: scope.projectKey, slug: entry.slug }] });
}

export const secretScanning = listWriter<Entry>({
  kind: 'secret-scanning',
  operations: {
    repo: [...ruleOperations('repo'), `GET ${exemptAt.repo.template}`, `PUT ${exemptAt.repo.template}`],
    project: [...ruleOperations('project'), `GET ${exemptAt.project.template}`, `POST ${exemptAt.project.template}`],
  },
  items: (value, level) => {
    if (Object.keys(fieldsOf(value)).length === 0) return [incomplete('secret scanning', value)];
    return [...ruleItems(value, 'rules', level), ...ruleItems(value, 'allowlist', level), ...exemptItems(value)];
  },
  read: async (context, wanted) => {
    const lists = new Set(wanted.flatMap(({ content }) => content?.list ?? []));
    const { scope } = context;
    const exempt = scope.slug === null ? () => everyEntry(context, exemptAt.at(scope)) : () => isExempt(context);
    return {
      rules: lists.has('rules') ? await everyEntry(context, listsAt.rules.all.at(scope)) : [],
      allowlist: lists.has('allowlist') ? await everyEntry(context, listsAt.allowlist.all.at(scope)) : [],
      exempt: lists.has('exempt') ? await exempt() : [],
    };
  },
  create: add,
  change: (entry, id, context) => {
    if (entry.list === 'exempt') return add(entry, context);
    const { list, ...json } = entry;
    return submit(context, 'PUT', listsAt[list].one.at(context.scope, { id }), { json });
  },
});
