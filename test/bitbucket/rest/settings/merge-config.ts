import { invalid } from '../../errors.ts';
import { isRepo } from '../../model.ts';
import { word } from '../word.ts';
import { countOf, type Fields, isFields, kept, listOf, type Place, textOf } from './place.ts';

const strategies = [
  ['no-ff', 'Merge commit', '--no-ff'],
  ['ff', 'Fast-forward', '--ff'],
  ['ff-only', 'Fast-forward only', '--ff-only'],
  ['rebase-no-ff', 'Rebase and merge', 'rebase + merge --no-ff'],
  ['rebase-ff-only', 'Rebase and fast-forward', 'rebase + merge --ff-only'],
  ['squash', 'Squash', '--squash'],
  ['squash-ff-only', 'Squash, fast-forward only', '--squash --ff-only'],
] as const;

/** How pull requests may be merged, as the body says. @throws BitbucketError 400. */
export function mergeConfigOf(body: Fields): Fields {
  const id = (value: unknown): string => {
    const found = strategies.find(([name]) => isFields(value) && value['id'] === name);
    if (found === undefined) throw invalid('mergeConfig', `Unknown merge strategy: ${word(isFields(value) ? value['id'] : value)}`);
    return found[0];
  };
  const enabled = listOf(body, 'strategies').map(id);
  if (enabled.length === 0) throw invalid('mergeConfig', 'At least one merge strategy must be enabled.');
  const first = id(body['defaultStrategy']);
  if (!enabled.includes(first)) throw invalid('mergeConfig', 'The default merge strategy must be enabled.');
  const template = body['commitMessageTemplate'];
  return {
    defaultStrategy: first,
    enabled,
    commitSummaries: body['commitSummaries'] === undefined ? 20 : countOf(body, 'commitSummaries', 0),
    ...(isFields(template) ? { commitMessageTemplate: { title: textOf(template, 'title'), body: word(template['body'] ?? '') } } : {}),
  };
}

/** The nearest configuration there is: the repository's, its project's, git's own. */
export function shownMergeConfig(on: Place): object {
  const own = kept(on, 'pull-requests')[0]?.['mergeConfig'];
  if (!isFields(own) && isRepo(on)) return shownMergeConfig(on.project);
  const { defaultStrategy, enabled, ...rest } = isFields(own) ? own : { defaultStrategy: 'no-ff', enabled: ['no-ff'], commitSummaries: 20 };
  const shown = strategies.map(([id, name, flag]) => ({
    id,
    name,
    flag,
    description: `${name}.`,
    enabled: Array.isArray(enabled) && enabled.includes(id),
    links: {},
  }));
  const type = !isFields(own) ? 'DEFAULT' : isRepo(on) ? 'REPOSITORY' : 'PROJECT';
  return { ...rest, defaultStrategy: shown.find(({ id }) => id === defaultStrategy), strategies: shown, type };
}
