import { createHash } from 'node:crypto';
import { invalid } from '../../errors.ts';
import { isRepo } from '../../model.ts';
import { admin } from '../../permissions.ts';
import { ok, type Routes } from '../../router.ts';
import { projectJson, repoJson } from '../json.ts';
import { word } from '../word.ts';
import { type ListKind, type Making, named, replace, routesOf } from './list-kind.ts';
import { at, bothPlaces, type Fields, isFields, type Place, requirePlace, textOf } from './place.ts';

const algorithms = ['ssh-rsa', 'ssh-ed25519', 'ecdsa-sha2-nistp256', 'ecdsa-sha2-nistp384', 'ecdsa-sha2-nistp521', 'ssh-dss'];

/** Checked as far as a key says what it is: its first bytes name its algorithm again. */
function keyOf(body: Fields): { text: string; algorithm: string; comment: string | undefined; material: Buffer } {
  const text = textOf(body, 'text').trim();
  const [algorithm = '', base64 = '', ...comment] = text.split(/\s+/);
  const material = Buffer.from(base64, 'base64');
  const says = material.length > 4 ? material.subarray(4, 4 + material.readUInt32BE(0)).toString('latin1') : '';
  if (!algorithms.includes(algorithm) || says !== algorithm) throw invalid('text', 'You must enter a valid public key');
  return { text, algorithm, comment: comment.length > 0 ? comment.join(' ') : undefined, material };
}

function permissionOf(on: Place, wanted: unknown): string {
  const known = isRepo(on) ? ['REPO_READ', 'REPO_WRITE'] : ['PROJECT_READ', 'PROJECT_WRITE'];
  const permission = known.find((candidate) => candidate === wanted);
  if (permission === undefined) throw invalid('permission', `Unknown permission: ${word(wanted)}`);
  return permission;
}

function make({ instance, on, id, body }: Making): Fields {
  const { key } = body;
  if (!isFields(key)) throw invalid('key', 'The key must be given.');
  const { text, algorithm, comment, material } = keyOf(key);
  const label = typeof key['label'] === 'string' && key['label'] !== '' ? key['label'] : comment;
  const { expiryDays } = key;
  return {
    key: {
      id,
      text,
      ...(label === undefined ? {} : { label }),
      algorithmType: algorithm,
      bitLength: algorithm === 'ssh-ed25519' ? 256 : material.length * 8,
      fingerprint: `SHA256:${createHash('sha256').update(material).digest('base64').replace(/=+$/, '')}`,
      createdDate: instance.clock.now(),
      ...(typeof expiryDays === 'number' ? { expiryDays } : {}),
    },
    ...(isRepo(on) ? { repository: repoJson(instance, on) } : { project: projectJson(instance, on) }),
    permission: permissionOf(on, body['permission']),
  };
}

const material = ({ key }: Fields): string => (isFields(key) ? String(key['text']).split(/\s+/).slice(0, 2).join(' ') : '');

export const accessKeys: ListKind = {
  name: 'access-keys',
  api: '/keys/latest',
  list: '/ssh',
  item: '/ssh/{keyId}',
  one: ['GET', 'DELETE'],
  reads: admin,
  created: 201,
  idOf: ({ key }) => (isFields(key) ? key['id'] : undefined),
  key: material,
  make,
};

export const accessKeyRoutes: Routes = {
  ...routesOf(accessKeys),
  ...(Object.fromEntries(
    bothPlaces.map((place) => [
      `PUT ${at(accessKeys.api, place, '/ssh/{keyId}/permission/{permission}')}`,
      (call) => {
        const on = requirePlace(call, admin);
        const old = named(accessKeys, on, call);
        const value = { ...old, permission: permissionOf(on, call.params['permission']) };
        replace(accessKeys, on, old, value);
        return ok(value);
      },
    ]),
  ) satisfies Routes),
};
