import { BitbucketError, invalid } from '../errors.ts';
import type { Attachment } from '../model.ts';
import { admin, type Level, read } from '../permissions.ts';
import { type Answer, type Call, noContent, ok, type Routes, textBody } from '../router.ts';
import { requireRepo } from './access.ts';
import { webPath } from './json.ts';
import { doingIn } from './pull-requests/access.ts';

const missing = (what: string) =>
  new BitbucketError(404, [
    { context: null, message: `${what} does not exist.`, exceptionName: 'com.atlassian.bitbucket.attachment.NoSuchAttachmentException' },
  ]);

function requireAttachment(call: Call, needed: Level): Attachment {
  const id = call.params['attachmentId'] ?? '';
  const attachment = requireRepo(call, needed).attachments.get(id);
  if (attachment === undefined) throw missing(`Attachment ${id}`);
  return attachment;
}

/** The bytes, or one range of them; several ranges are ignored. */
function download(call: Call): Answer {
  const { content, contentType, name } = requireAttachment(call, read);
  const headers = {
    'Content-Type': contentType,
    'Content-Disposition': `attachment; filename="${name.replaceAll(/[^ -~]|"/g, '_')}"; filename*=UTF-8''${encodeURIComponent(name)}`,
    'Accept-Ranges': 'bytes',
  };
  const { first, last } = /^bytes=(?<first>\d+)-(?<last>\d*)$/.exec(call.request.headers.range ?? '')?.groups ?? {};
  if (first === undefined) return { status: 200, body: content, headers };
  const [from, to] = [Number(first), Math.min(last ? Number(last) : Infinity, content.length - 1)];
  if (from > to) return { status: 416, headers: { 'Content-Range': `bytes */${content.length}` } };
  const range = { 'Content-Range': `bytes ${from}-${to}/${content.length}` };
  return { status: 206, body: content.subarray(from, to + 1), headers: { ...headers, ...range } };
}

function readMetadata(call: Call): Answer {
  const attachment = requireAttachment(call, read);
  if (attachment.metadata === undefined) throw missing(`The metadata of attachment ${attachment.id}`);
  const repo = requireRepo(call, read);
  const url = `${call.instance.url}${webPath(repo)}/attachments/${encodeURIComponent(attachment.id)}`;
  return ok({ id: attachment.metadata.id, url, metadata: attachment.metadata.json });
}

/** Any JSON, kept as it is. */
async function writeMetadata(call: Call): Promise<Answer> {
  const attachment = requireAttachment(call, read);
  const repo = requireRepo(call, read);
  doingIn(call, repo);
  const json = await textBody(call.request);
  try {
    JSON.parse(json);
  } catch {
    throw invalid('metadata', 'The metadata is not valid JSON.');
  }
  attachment.metadata = { id: attachment.metadata?.id ?? repo.nextId(), json };
  return { status: 200 };
}

const one = '/rest/api/latest/projects/{projectKey}/repos/{repositorySlug}/attachments/{attachmentId}';

/** Attachments are read and removed one by one: nothing lists them, and nothing here adds one. */
export const attachmentRoutes: Routes = {
  [`GET ${one}`]: download,
  [`DELETE ${one}`]: (call) => {
    const attachment = requireAttachment(call, admin);
    requireRepo(call, admin).attachments.delete(attachment.id);
    return noContent();
  },
  [`GET ${one}/metadata`]: readMetadata,
  [`PUT ${one}/metadata`]: writeMetadata,
  [`DELETE ${one}/metadata`]: (call) => {
    requireAttachment(call, admin).metadata = undefined;
    return noContent();
  },
};
