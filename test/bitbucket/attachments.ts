import type { Attachment, Repo } from './model.ts';

export interface NewAttachment {
  readonly name: string;
  readonly contentType: string;
  readonly content: Buffer;
  /** A number unless given. */
  readonly id?: string;
  /** JSON that the web interface keeps with it. */
  readonly metadata?: string;
}

/** What dropping a file into a text does in the web interface; REST has no call for it. `link` is what goes into the text. */
export function addAttachment(repo: Repo, { metadata, ...told }: NewAttachment): { attachment: Attachment; link: string } {
  const id = told.id ?? String(repo.nextId());
  const attachment: Attachment = {
    ...told,
    id,
    metadata: metadata === undefined ? undefined : { id: repo.nextId(), json: metadata },
  };
  repo.attachments.set(id, attachment);
  const picture = told.contentType.startsWith('image/') ? '!' : '';
  return { attachment, link: `${picture}[${told.name}](attachment:${repo.id}/${id})` };
}
