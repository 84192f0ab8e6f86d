import type { IncomingMessage, ServerResponse } from 'node:http';
import type { GitOperation } from './faults.ts';

/** One request as it was answered. Never the Authorization header itself. */
export interface RequestRecord {
  readonly method: string;
  /** Path below the context path, without the query. */
  readonly path: string;
  readonly query: string;
  /** Whether and how credentials were sent, right or wrong. */
  readonly authorization: 'none' | 'bearer' | 'basic' | 'cookie';
  /** Name of the user it counts as. */
  user: string | undefined;
  tokenId: string | undefined;
  git: GitOperation | undefined;
  /** The operation as published, `GET /api/latest/projects/{projectKey}`; undefined for git, pages and what the simulator does not know. */
  operation: string | undefined;
  /** The JSON a REST handler answered, while the simulator records. */
  answer: unknown;
  /** 0 until the answer begins, and for connections reset without one. */
  status: number;
  /** Bytes written to the socket for the answer, headers included. */
  bytes: number;
  /** The cluster node it was given to, from 0. */
  readonly node: number;
  /** Milliseconds since 1970 by the server's clock at which the request came. */
  readonly at: number;
  /** By one and the same steady clock, in milliseconds: when the request came, and when the last of its answer went out. */
  readonly began: number;
  ended: number | undefined;
}

/** Of a request, what its bytes do not say. */
export interface Arrival {
  readonly path: string;
  readonly query: string;
  readonly node: number;
  readonly at: number;
}

/** Begins a record and completes it when the answer is out or the connection is gone. */
export function recordRequest(request: IncomingMessage, response: ServerResponse, { path, query, node, at }: Arrival): RequestRecord {
  const scheme = (request.headers.authorization ?? '').split(' ')[0]?.toLowerCase();
  const before = request.socket.bytesWritten;
  const record: RequestRecord = {
    method: request.method ?? 'GET',
    path,
    query,
    authorization: scheme === 'bearer' || scheme === 'basic' ? scheme : request.headers.cookie === undefined ? 'none' : 'cookie',
    user: undefined,
    tokenId: undefined,
    git: undefined,
    operation: undefined,
    answer: undefined,
    status: 0,
    bytes: 0,
    node,
    at,
    began: performance.now(),
    ended: undefined,
  };
  // The client may have it all, and ask again, before the connection says that it is done.
  response.on('finish', () => (record.ended ??= performance.now()));
  response.on('close', () => {
    record.ended ??= performance.now();
    record.status = response.headersSent ? response.statusCode : 0;
    record.bytes = request.socket.bytesWritten - before;
  });
  return record;
}
