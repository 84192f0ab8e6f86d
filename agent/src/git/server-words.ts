import { AppError } from '@gitprotect/shared/errors';

const longestQuote = 300;

/** What a server said, fit for a terminal and a log: no control characters, one line, not endless. */
export function quotable(words: Uint8Array | string): string {
  const text = typeof words === 'string' ? words : Buffer.from(words.buffer, words.byteOffset, words.byteLength).toString('utf8');
  const line = text.replaceAll(/[\p{Cc}\p{Cf}\s]+/gu, ' ').trim();
  return line.length > longestQuote ? `${line.slice(0, longestQuote)}…` : line;
}

/** What git's upload-pack says when it cannot read the repo it serves (upload-pack.c, builtin/pack-objects.c). */
const ofDamage = /repository corruption|unable to (?:read|get type of)|bad (?:object|tree object)|missing (?:blob|tree|commit)/;

/**
 * The error for an `ERR` packet or a message in side band 3. An object that is gone since the listing is `git-moved`, with its id in `facts.oid`:
 * list again. A repo that the server itself cannot read is `git-damaged`.
 */
export function refusal(source: string, words: Uint8Array | string): AppError {
  const said = quotable(words).replace(/^ERR /, '');
  // upload-pack.c: a force-push between listing and fetch, followed by the server's gc, takes the wanted object away.
  const [gone, oid] = /not our ref ?([0-9a-f]{40,64})?/.exec(said) ?? [];
  if (gone !== undefined) {
    return new AppError('git-moved', `${source} changed between listing and fetching: ${said}`, {
      remedy: 'list the refs again and fetch what they name now',
      facts: oid === undefined ? {} : { oid },
    });
  }
  if (ofDamage.test(said)) {
    return new AppError('git-damaged', `${source} cannot read its own objects: ${said}`, {
      remedy: 'the repository is damaged on the server: run "git fsck" there, and put back from a copy what is missing',
    });
  }
  return new AppError('git-refused', `${source} refused: ${said}`, { remedy: "read the server's message; its own log says more" });
}

/** Throws when this packet is the protocol's error line (gitprotocol-pack: error-line). */
export function throwIfError(source: string, payload: Buffer): void {
  if (payload.length >= 4 && payload.toString('latin1', 0, 4) === 'ERR ') throw refusal(source, payload);
}
