import { type KindState, type KindStates, metadataKinds, wordsOfKind } from '@gitprotect/shared/metadata';
import { html, type Html } from './html.ts';
import { type ArchiveOf, page } from './page.ts';
import { safeName } from './safe-name.ts';
import { settingHtml } from './setting.ts';

/** Kinds that have pages or files of their own. */
export const elsewhere: ReadonlySet<string> = new Set(['pull-requests', 'attachments', 'avatar', 'lfs-objects']);

/** What was set up beside git, and what of it is not in the backup and why. */
export function settingsPage(of: ArchiveOf, kinds: KindStates, values: ReadonlyMap<string, unknown>): string {
  const others = [...values.keys(), ...Object.keys(kinds)].filter((kind) => !metadataKinds.some((known) => known === kind));
  const all = [...metadataKinds, ...new Set(others)];
  const states = new Map(Object.entries(kinds));
  const lines = all.flatMap((kind) => {
    const state = states.get(kind) ?? (values.has(kind) ? ({ state: 'saved', records: 1 } as const) : undefined);
    // Some kinds are a project's alone.
    if (state === undefined) return [];
    const { word, tone, more } = wordsOfState(kind, state);
    const name = values.has(kind) ? html`<a href="#${safeName(kind)}">${title(kind)}</a>` : title(kind);
    return html`<tr>
      <td>${name}</td>
      <td><span class="lozenge ${tone}">${word}</span> ${more}</td>
    </tr>`;
  });
  const sections = all
    .filter((kind) => values.has(kind))
    .map(
      (kind) =>
        html`<section class="card setting" aria-labelledby="${safeName(kind)}">
          <h2 id="${safeName(kind)}">${title(kind)}</h2>
          ${settingHtml(values.get(kind))}
        </section>`,
    );
  const body = html`<h1>Settings</h1>
    <section class="card" aria-labelledby="kinds">
      <h2 id="kinds">What the backup holds</h2>
      <div class="wide">
        <table class="kinds">
          <thead>
            <tr>
              <th scope="col">Kind</th>
              <th scope="col">In this backup</th>
            </tr>
          </thead>
          <tbody>
            ${lines}
          </tbody>
        </table>
      </div>
    </section>
    ${sections}`;
  return page(of, { title: 'Settings', root: '.', at: 'settings', settings: true }, body);
}

function title(kind: string): string {
  const words = wordsOfKind(kind);
  return words.charAt(0).toUpperCase() + words.slice(1);
}

function wordsOfState(kind: string, state: KindState): { word: string; tone: string; more?: Html | string } {
  switch (state.state) {
    case 'saved':
      // Of other kinds a record is all there is, however many things it lists.
      return { word: 'saved', tone: 'ok', ...(elsewhere.has(kind) && { more: state.records.toLocaleString('en-US') }) };
    case 'not-permitted':
      return { word: 'not permitted', tone: 'warn', more: html`<span class="sub">no credential may read it</span>` };
    case 'not-available':
      return { word: 'not available', tone: '', more: html`<span class="sub">this Bitbucket has no such thing</span>` };
    case 'not-listable':
      return { word: 'not listable', tone: '', more: html`<span class="sub">Bitbucket’s API lists none</span>` };
    case 'left-out':
      return { word: 'left out', tone: '', more: html`<span class="sub">the plan wants none</span>` };
    case 'failed':
      return { word: 'failed', tone: 'bad', more: html`<span class="sub">${state.message}</span>` };
  }
}
