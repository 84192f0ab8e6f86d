import { BitbucketError, invalid } from '../errors.ts';
import type { Project } from '../model.ts';
import { admin } from '../permissions.ts';
import { body, type Answer, type Call, type Routes } from '../router.ts';
import { requireProject, requireUser } from './access.ts';

const largest = 1024 * 1024;

/** A grey dot: what the server draws for a project without a picture. */
const drawn = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==', 'base64');

function image(contentType: string, bytes: Buffer): NonNullable<Project['avatar']> {
  if (!/^image\/(?:png|jpeg|gif)$/.test(contentType)) throw invalid('avatar', 'The avatar is not an image the server knows.');
  if (bytes.length === 0) throw invalid('avatar', 'The avatar is empty.');
  if (bytes.length > largest) throw invalid('avatar', 'The avatar is larger than 1 MB.');
  return { contentType, bytes };
}

/** `data:image/png;base64,…`, as POST and PUT of a project take it. @throws BitbucketError 400 for anything else. */
export function avatarFromUri(uri: unknown): Project['avatar'] {
  const { type, data } = /^data:(?<type>[\w/+.-]+);base64,(?<data>[A-Za-z0-9+/=]*)$/.exec(String(uri))?.groups ?? {};
  if (type === undefined || data === undefined) throw invalid('avatar', 'The avatar has to be a data URI with Base64.');
  return image(type, Buffer.from(data, 'base64'));
}

/** The field `avatar` of a multipart form. */
function avatarFromForm(form: Buffer, contentType: string): Project['avatar'] {
  const boundary = /boundary="?([^";]+)"?/.exec(contentType)?.[1];
  if (!contentType.startsWith('multipart/form-data') || boundary === undefined) {
    throw new BitbucketError(415, [{ context: null, message: 'Unsupported Media Type', exceptionName: null }]);
  }
  for (const part of form.toString('latin1').split(`--${boundary}`)) {
    const end = part.indexOf('\r\n\r\n');
    const head = part.slice(0, Math.max(0, end));
    if (!/name="avatar"/i.test(head)) continue;
    const type = /content-type:\s*([^\r\n;]+)/i.exec(head)?.[1] ?? '';
    return image(type, Buffer.from(part.slice(end + 4, -2), 'latin1'));
  }
  throw invalid('avatar', "The form has no field 'avatar'.");
}

async function upload(call: Call): Promise<Answer> {
  requireUser(call);
  const project = requireProject(call, admin);
  const { headers } = call.request;
  if (headers['x-atlassian-token'] !== 'no-check') {
    throw new BitbucketError(403, [{ context: null, message: 'XSRF check failed', exceptionName: null }]);
  }
  project.avatar = avatarFromForm(await body(call.request), headers['content-type'] ?? '');
  return { status: 201 };
}

const one = '/rest/api/latest/projects/{projectKey}/avatar.png';

export const avatarRoutes: Routes = {
  [`GET ${one}`]: (call) => {
    const { contentType, bytes } = requireProject(call, 'view').avatar ?? { contentType: 'image/png', bytes: drawn };
    return { status: 200, body: bytes, headers: { 'Content-Type': contentType } };
  },
  [`POST ${one}`]: upload,
};
