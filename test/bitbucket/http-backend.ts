import { execFileSync, spawn } from 'node:child_process';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { Transform } from 'node:stream';

/** One smart-HTTP request, handed to the real git as its CGI program. */
export interface GitRequest {
  /** Folder that holds the bare repositories. */
  readonly root: string;
  /** Path below `root`, with the leading slash: `/key/slug.git/git-upload-pack`. */
  readonly path: string;
  /** Query string without the question mark. */
  readonly query: string;
  /** Folder of the `.gitconfig` that stands for the server's settings; `root` when absent. */
  readonly home?: string;
  /** The user git records for a push; empty refuses pushes. */
  readonly user: string;
  /** Shell patterns of refs that a push may not touch. */
  readonly blocked?: readonly string[];
  /** Whether the server knows no `Git-Protocol` header, and so speaks version 0. */
  readonly oldProtocol?: boolean;
  /** Every byte of the answer's body goes through it: where faults are injected. */
  readonly through?: Transform | undefined;
  /** The request's body where it has been read already. */
  readonly body?: Buffer;
  /** Told of the answer's status and headers before they are sent. */
  readonly onHead?: (status: number, headers: Record<string, string>) => void;
}

/** The program itself: `git http-backend` would be a process more for each request, only to start it. */
const httpBackend = join(execFileSync('git', ['--exec-path']).toString().trim(), 'git-http-backend');
const headerEnd = Buffer.from('\r\n\r\n');

/** Splits the CGI answer: calls `onHead` once with status and headers, then passes the body on. */
function cgiAnswer(onHead: (status: number, headers: Record<string, string>) => void): Transform {
  let pending = Buffer.alloc(0);
  let open = false;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      if (open) {
        done(null, chunk);
        return;
      }
      pending = Buffer.concat([pending, chunk]);
      const end = pending.indexOf(headerEnd);
      if (end < 0) {
        done();
        return;
      }
      const headers: Record<string, string> = {};
      let status = 200;
      for (const line of pending.subarray(0, end).toString('latin1').split('\r\n')) {
        const [name, value] = [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()];
        if (name.toLowerCase() === 'status') status = Number.parseInt(value, 10);
        else headers[name] = value;
      }
      open = true;
      onHead(status, headers);
      done(null, pending.subarray(end + headerEnd.length));
    },
  });
}

/** Answers `request` with what `git http-backend` says. The server's own git is the judge of the protocol, not a re-make of it. */
export function gitHttpBackend(request: IncomingMessage, response: ServerResponse, git: GitRequest): void {
  const { headers } = request;
  const child = spawn(httpBackend, [], {
    env: {
      PATH: process.env['PATH'],
      HOME: git.home ?? git.root,
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_PROJECT_ROOT: git.root,
      GIT_HTTP_EXPORT_ALL: '1',
      PATH_INFO: git.path,
      QUERY_STRING: git.query,
      REQUEST_METHOD: request.method ?? 'GET',
      REMOTE_ADDR: '127.0.0.1',
      REMOTE_USER: git.user,
      BLOCKED_REFS: git.blocked?.join(' ') ?? '',
      CONTENT_TYPE: headers['content-type'] ?? '',
      ...(headers['git-protocol'] === undefined || git.oldProtocol === true ? {} : { GIT_PROTOCOL: String(headers['git-protocol']) }),
      ...(headers['content-encoding'] === undefined ? {} : { HTTP_CONTENT_ENCODING: headers['content-encoding'] }),
      ...(headers['content-length'] === undefined ? {} : { CONTENT_LENGTH: headers['content-length'] }),
    },
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  child.stdin.on('error', () => undefined);
  if (git.body === undefined) request.pipe(child.stdin);
  else child.stdin.end(git.body);
  const head = (status: number, answerHeaders: Record<string, string>): void => {
    git.onHead?.(status, answerHeaders);
    response.writeHead(status, answerHeaders);
  };
  const answer = child.stdout.pipe(cgiAnswer(head));
  const body = git.through === undefined ? answer : answer.pipe(git.through);
  body.on('error', () => response.destroy());
  body.pipe(response);
  response.on('close', () => child.kill());
}
