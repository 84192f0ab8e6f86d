import type { IncomingMessage, ServerResponse } from 'node:http';
import { Transform } from 'node:stream';
import { gitHttpBackend, type GitRequest } from './http-backend.ts';

interface Kept {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/**
 * Answers to questions for refs, kept as Bitbucket keeps its advertisements where it is told to: asked again, no git is started. Nothing notices that refs have
 * moved, so it is for worlds in which they do not: a client's own speed shows only where the server costs little.
 */
export class ListingCache {
  readonly #kept = new Map<string, Kept>();

  async answer(request: IncomingMessage, response: ServerResponse, git: GitRequest): Promise<void> {
    const asked: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) asked.push(chunk);
    const body = Buffer.concat(asked);
    const key = [git.path, git.query, request.headers['git-protocol'], body.toString('latin1')].join('\n');
    const kept = this.#kept.get(key);
    if (kept !== undefined) {
      response.writeHead(kept.status, { ...kept.headers, 'Content-Length': kept.body.length }).end(kept.body);
      return;
    }
    const chunks: Buffer[] = [];
    const through = new Transform({
      transform: (chunk: Buffer, _, done) => {
        chunks.push(chunk);
        done(null, chunk);
      },
    });
    const keep = (status: number, headers: Record<string, string>): void => {
      through.once('end', () => this.#kept.set(key, { status, headers, body: Buffer.concat(chunks) }));
    };
    gitHttpBackend(request, response, { ...git, through, body, onHead: keep });
  }
}
