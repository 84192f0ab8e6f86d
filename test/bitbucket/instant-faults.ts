import type { ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { type Fault, faultOf, type GitOperation } from './faults.ts';
import { text } from './git.ts';
import type { RequestRecord } from './request-log.ts';
import { send } from './respond.ts';

/** Faults that replace the whole answer. True when one did. */
export async function failsAtOnce(response: ServerResponse, record: RequestRecord, hits: readonly Fault[]): Promise<boolean> {
  const wait = faultOf(hits, 'delay');
  if (wait !== undefined) await delay(wait.milliseconds);
  for (const fault of hits) {
    switch (fault.kind) {
      case 'reset':
        response.socket?.resetAndDestroy();
        return true;
      case 'throttle':
        refuse(response, record, { status: 429, retryAfter: fault.retryAfter });
        return true;
      case 'unavailable':
        refuse(response, record, { status: fault.status ?? 503, retryAfter: fault.retryAfter });
        return true;
      case 'empty':
        response.writeHead(200, {
          'Content-Type': record.git === undefined ? 'application/json;charset=UTF-8' : gitTypes[record.git],
          'Cache-Control': 'no-cache',
        });
        response.end();
        return true;
      case 'login-page':
        response.writeHead(200, { 'Content-Type': 'text/html;charset=UTF-8' });
        response.end('<!DOCTYPE html><html><head><title>Log in - Bitbucket</title></head><body class="bitbucket-theme"></body></html>');
        return true;
      case 'redirect': {
        const there = fault.to.endsWith('/') ? fault.to.slice(0, -1) + record.path : fault.to;
        response.writeHead(fault.status ?? 302, {
          Location: record.query === '' || there === fault.to ? there : `${there}?${record.query}`,
        });
        response.end();
        return true;
      }
      default:
    }
  }
  return false;
}

/** 429 and 503, worded for git or for REST. */
export function refuse(
  response: ServerResponse,
  record: RequestRecord,
  how: { status: number; retryAfter: number | string | undefined },
): void {
  if (how.retryAfter !== undefined) response.setHeader('Retry-After', String(how.retryAfter));
  if (record.git !== undefined) {
    text(response, how.status, how.status === 429 ? 'Too many requests\n' : 'Service unavailable\n');
    return;
  }
  const message = how.status === 429 ? 'Too many requests.' : 'The server is not available.';
  send(response, { status: how.status, body: { errors: [{ context: null, message, exceptionName: null }] } });
}

const gitTypes: Readonly<Record<GitOperation, string>> = {
  advertise: 'application/x-git-upload-pack-advertisement',
  'advertise-push': 'application/x-git-receive-pack-advertisement',
  push: 'application/x-git-receive-pack-result',
  'ls-refs': 'application/x-git-upload-pack-result',
  fetch: 'application/x-git-upload-pack-result',
  lfs: 'application/vnd.git-lfs+json',
};

/** Whatever the answer says of its type, it is sent as `type`. */
export function forceContentType(response: ServerResponse, type: string): void {
  const setHeader = response.setHeader.bind(response);
  setHeader('Content-Type', type);
  const writeHead = response.writeHead.bind(response) as (status: number, headers?: object) => ServerResponse;
  response.writeHead = ((status: number, headers: object = {}) =>
    writeHead(status, { ...headers, 'Content-Type': type })) as ServerResponse['writeHead'];
}
