import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Simulator } from '../bitbucket/simulator.ts';
import { selfSigned } from '../certificate.ts';
import { command } from '../command-line.ts';
import { listening, type Listening } from '../listening.ts';
import { prepare, type Prepared } from './prepared-home.ts';
import { expectRefusal, type Refusal } from './refusal.ts';

/** Addresses that lead nowhere, elsewhere, or where no token may go: `server add` says which of these it is, and keeps nothing. */
let world: Prepared;
let secure: Simulator;
let inContext: Simulator;
const pages: Record<string, Listening> = {};
const certificate = selfSigned();

const redirectTo = (to: () => string) =>
  listening((request, response) => response.writeHead(302, { Location: `${to()}${request.url ?? ''}` }).end());

beforeAll(async () => {
  world = await prepare();
  secure = await Simulator.start({ https: certificate });
  inContext = await Simulator.start({ contextPath: '/bitbucket' });
  pages['web'] = await listening((_, response) => response.setHeader('content-type', 'text/html').end('<title>Intranet</title>'));
  pages['json'] = await listening((_, response) => response.setHeader('content-type', 'application/json').end('{"product":"wiki"}'));
  pages['closed'] = await listening(() => undefined);
  await pages['closed'][Symbol.asyncDispose]();
  pages['silent'] = await listening(() => undefined);
  pages['to-bitbucket'] = await redirectTo(() => world.bitbucket.url);
  pages['to-https'] = await redirectTo(() => secure.url);
  pages['to-metadata'] = await redirectTo(() => 'http://169.254.169.254');
  pages['to-file'] = await redirectTo(() => 'file:///etc/passwd?');
  pages['downgrade'] = await listening(
    (request, response) => response.writeHead(301, { Location: `${world.bitbucket.url}${request.url ?? ''}` }).end(),
    certificate,
  );
  writeFileSync(join(world.root, 'garbage.pem'), 'this is no certificate');
  writeFileSync(join(world.root, 'damaged.pem'), '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n');
  writeFileSync(join(world.root, 'key.pem'), certificate.key);
  writeFileSync(join(world.root, 'cert.pem'), certificate.cert);
  writeFileSync(join(world.root, 'other.pem'), selfSigned().cert);
});
afterAll(async () => {
  for (const page of Object.values(pages).filter((one) => one !== pages['closed'])) await page[Symbol.asyncDispose]();
  await secure[Symbol.asyncDispose]();
  await inContext[Symbol.asyncDispose]();
  await world[Symbol.asyncDispose]();
});

const page = (name: string): string => pages[name]?.url ?? '';
const pem = (name: string): string => join(world.root, `${name}.pem`);
const asHttp = (url: string): string => url.replace('https:', 'http:');

type Case = readonly [what: string, url: () => string, refusal: Omit<Refusal, 'args'>, ca?: string];

const cases: Case[] = [
  ['no URL', () => 'bitbucket', { code: 'bad-request', says: 'bitbucket', remedy: 'https://' }],
  ['a file', () => 'file:///etc/passwd', { code: 'bad-request', says: 'file:', remedy: 'https://' }],
  ['FTP', () => 'ftp://files.example.com', { code: 'bad-request', says: 'ftp:', remedy: 'https://' }],
  ['a script', () => 'javascript:alert(1)', { code: 'bad-request', says: 'javascript:', remedy: 'https://' }],
  [
    'a user and password in it',
    () => 'https://jane:hunter2@bitbucket.example.com',
    { code: 'bad-request', says: 'user name or password', remedy: 'address alone' },
  ],
  ['a web page', () => page('web'), { code: 'server-not-bitbucket', says: '127.0.0.1', remedy: 'context path' }],
  ['some other REST interface', () => page('json'), { code: 'server-not-bitbucket', says: '127.0.0.1', remedy: 'context path' }],
  [
    'a port where nobody listens',
    () => page('closed'),
    { code: 'server-unreachable', says: 'refuses the connection', remedy: 'Bitbucket runs' },
  ],
  [
    'a server that says nothing',
    () => page('silent'),
    { code: 'server-unreachable', says: 'does not answer in time', remedy: 'Bitbucket runs' },
  ],
  ['a name nobody knows', () => 'https://bitbucket.invalid', { code: 'server-unreachable', says: 'bitbucket.invalid', remedy: 'spelling' }],
  [
    'http where https is served',
    () => asHttp(secure.url),
    { code: 'server-needs-https', says: 'speaks https', remedy: 'use https://127.0.0.1' },
  ],
  [
    'https where http is served',
    () => world.bitbucket.url.replace('http:', 'https:'),
    { code: 'server-needs-https', says: 'does not speak https', remedy: 'https' },
  ],
  [
    'a redirect to another address',
    () => page('to-bitbucket'),
    { code: 'server-redirects', says: 'redirects to http', remedy: /add http.* instead: Bitbucket 10/ },
  ],
  ['a redirect to https', () => page('to-https'), { code: 'server-needs-https', says: 'on to https', remedy: 'use https://127.0.0.1' }],
  [
    'a redirect from https to http',
    () => page('downgrade'),
    { code: 'server-redirects', says: 'redirects to http:', remedy: 'stay with https' },
    'cert',
  ],
  [
    'a redirect to the cloud’s metadata',
    () => page('to-metadata'),
    { code: 'bad-request', says: '169.254.169.254', remedy: 'address of Bitbucket' },
  ],
  ['a redirect to a file', () => page('to-file'), { code: 'server-redirects', says: 'file:', remedy: 'no token may go' }],
  [
    'the cloud’s metadata',
    () => 'http://169.254.169.254/latest',
    { code: 'bad-request', says: '169.254.169.254', remedy: 'address of Bitbucket' },
  ],
  ['metadata in decimal', () => 'http://2852039166/', { code: 'bad-request', says: '169.254.169.254', remedy: 'address of Bitbucket' }],
  ['metadata in hexadecimal', () => 'http://0xA9FEA9FE/', { code: 'bad-request', says: '169.254.169.254', remedy: 'address of Bitbucket' }],
  ['metadata as IPv6', () => 'http://[::ffff:169.254.169.254]/', { code: 'bad-request', says: 'a9fe', remedy: 'address of Bitbucket' }],
  ['link-local IPv6', () => 'http://[fe80::1]:7990', { code: 'bad-request', says: 'fe80', remedy: 'address of Bitbucket' }],
  ['this host', () => 'http://0.0.0.0:7990', { code: 'bad-request', says: '0.0.0.0', remedy: 'address of Bitbucket' }],
  [
    'a context path left out',
    () => inContext.url.replace('/bitbucket', ''),
    { code: 'server-not-bitbucket', says: '127.0.0.1', remedy: 'context path' },
  ],
  [
    'a context path too many',
    () => `${world.bitbucket.url}/stash`,
    { code: 'server-not-bitbucket', says: '/stash', remedy: 'context path' },
  ],
  [
    'a certificate nobody knows',
    () => secure.url,
    {
      code: 'server-certificate',
      says: 'subject CN=bitbucket.test',
      remedy: /SHA-256 fingerprint (?:[0-9A-F]{2}:){31}[0-9A-F]{2}.*--ca FILE/,
    },
  ],
  ['the wrong CA', () => secure.url, { code: 'server-certificate', says: 'subject CN=bitbucket.test', remedy: '--ca FILE' }, 'other'],
  ['a CA file of garbage', () => secure.url, { code: 'bad-request', says: 'garbage.pem', remedy: 'BEGIN CERTIFICATE' }, 'garbage'],
  ['a damaged CA file', () => secure.url, { code: 'bad-request', says: 'CA file is damaged', remedy: 'PEM' }, 'damaged'],
  ['a CA file with a private key', () => secure.url, { code: 'bad-request', says: 'key.pem', remedy: 'BEGIN CERTIFICATE' }, 'key'],
  ['no CA file', () => secure.url, { code: 'bad-request', says: 'nowhere.pem', remedy: 'PEM file' }, 'nowhere'],
];

describe('as an address', () => {
  test.concurrent.each(cases.map(([what, text, refusal, more]) => [what, text, refusal, more] as const))(
    '%s is refused',
    // A home each: commands without an agent wait for each other, and not for ever.
    async (_, url, refusal, ca) => {
      await expectRefusal(world.home(), { ...refusal, args: ['server', 'add', url(), ...(ca === undefined ? [] : ['--ca', pem(ca)])] });
    },
  );
});

test('a server with a certificate of its own is reached once its certificate is given', async () => {
  const { exitCode, stdout } = await command(world.emptyHome(), ['server', 'add', secure.url, '--ca', pem('cert')]);
  expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: `added ${secure.url} (Bitbucket ${secure.version})\n` });
});
