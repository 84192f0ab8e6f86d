import { metadataKinds, type MetadataKind } from '@gitprotect/shared/metadata';
import type { RestoredPlace } from '@gitprotect/shared/restore';
import { comparableWriters } from '../../bitbucket/metadata/all-writers.ts';
import type { WriteContext } from '../../bitbucket/metadata/kind-writer.ts';
import type { MetadataLink } from '../../catalogue/manifest.ts';
import { Ledger } from './ledger.ts';
import type { RestoreParts } from './work.ts';
import { compareSettings, restoreSettings, type Settings } from './settings.ts';
import { settingsIn } from './snapshot-records.ts';

/** A project's own settings, as a run found them. */
export interface ProjectSource {
  readonly key: string;
  readonly metadata: MetadataLink;
}

/** What holds for all repos of a project and would refuse the pushes of a restore, and what names repos. */
const late: ReadonlySet<string> = new Set<MetadataKind>(['branch-restrictions', 'hooks', 'secret-scanning']);

/** A project's settings on their way into one that is there, around the restore of its repos. What it has beyond them stays. */
export class ProjectSettings {
  readonly #key: string;
  readonly #parts: RestoreParts;
  readonly #settings: Settings;
  readonly #context: WriteContext;
  readonly #ledger = new Ledger();

  private constructor(key: string, parts: RestoreParts, settings: Settings) {
    const { target, principals, host } = parts;
    this.#key = key;
    this.#parts = parts;
    this.#settings = settings;
    this.#context = { target: target.writer, scope: { projectKey: target.projectKey, slug: null }, principals, signal: host.signal };
  }

  static async open({ key, metadata }: ProjectSource, parts: RestoreParts): Promise<ProjectSettings> {
    const wanted = metadataKinds.filter((kind) => !parts.leaveOut.includes(kind));
    return new ProjectSettings(key, parts, await settingsIn([metadata], wanted, parts.place, parts.host.signal));
  }

  /** What repos may refer to. */
  beforeRepos(): Promise<void> {
    return this.#restore((kind) => !late.has(kind));
  }

  /** What would have stood in their way; then the comparison. */
  async afterRepos(): Promise<{ restored: RestoredPlace; ledger: Ledger }> {
    await this.#restore((kind) => late.has(kind));
    if (!this.#parts.dryRun) await compareSettings(this.#settings, this.#context, this.#ledger);
    const { projectKey, writer } = this.#parts.target;
    const items = [...this.#ledger.items];
    const url = `${writer.baseUrl}/projects/${projectKey}`;
    return { ledger: this.#ledger, restored: { snapshot: null, from: this.#key, projectKey, slug: null, url, items, limits: [] } };
  }

  #restore(wanted: (kind: string) => boolean): Promise<void> {
    const writers = comparableWriters.filter(({ kind }) => wanted(kind));
    return restoreSettings(writers, this.#settings, this.#context, { ...this.#parts, ledger: this.#ledger });
  }
}
