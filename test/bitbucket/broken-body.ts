import type { ServerResponse } from 'node:http';
import { Transform } from 'node:stream';
import type { Fault } from './faults.ts';

/**
 * What the body of an answer goes through when a fault hits it; undefined when none of them is about the body.
 * @param onRevoke called when the bytes of a `revoke` fault are out.
 */
export function brokenBody(faults: readonly Fault[], response: ServerResponse, onRevoke: () => void): Transform | undefined {
  const parts = faults.map((fault) => partOf(fault, response, onRevoke)).filter((part) => part !== undefined);
  if (parts.length > 1) throw new TypeError('one fault of the body at a time: cut, truncate, flip, stall and revoke exclude each other');
  return parts[0];
}

function partOf(fault: Fault, response: ServerResponse, onRevoke: () => void): Transform | undefined {
  switch (fault.kind) {
    case 'cut':
      return upTo(fault.at, () => {
        endInstead(response, () => response.socket?.destroySoon());
      });
    case 'stall':
      return upTo(fault.at, () => {
        endInstead(response, () => undefined);
      });
    case 'truncate':
      return fault.flush === true ? packetsUpTo(fault.at) : upTo(fault.at, () => undefined);
    case 'flip':
      return flipAt(fault.at);
    case 'revoke':
      return fault.afterBytes === undefined ? undefined : after(fault.afterBytes, onRevoke);
    default:
      return undefined;
  }
}

/** Replaces HTTP's own end of the answer, once everything before it is on its way. */
function endInstead(response: ServerResponse, act: () => void): void {
  response.end = () => {
    response.flushHeaders();
    setImmediate(act);
    return response;
  };
}

/** Passes `limit` bytes, then ends. An answer shorter than that stays whole. */
function upTo(limit: number, onLimit: () => void): Transform {
  let passed = 0;
  let stopped = false;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      if (!stopped) {
        this.push(chunk.subarray(0, limit - passed));
        passed += chunk.length;
        if (passed >= limit) {
          stopped = true;
          onLimit();
          this.push(null);
        }
      }
      done();
    },
  });
}

/** Passes whole git packets until `limit` bytes are out, then ends with a flush packet: framing fine, content missing. */
function packetsUpTo(limit: number): Transform {
  let pending = Buffer.alloc(0);
  let passed = 0;
  let stopped = false;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      pending = Buffer.concat([pending, chunk]);
      while (!stopped && pending.length >= 4) {
        const length = Math.max(4, Number.parseInt(pending.toString('latin1', 0, 4), 16));
        if (pending.length < length) break;
        passed += length;
        stopped = passed > limit;
        this.push(stopped ? '0000' : pending.subarray(0, length));
        if (stopped) this.push(null);
        pending = pending.subarray(length);
      }
      done();
    },
  });
}

function flipAt(position: number): Transform {
  let passed = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      const here = position - passed;
      passed += chunk.length;
      const byte = chunk[here];
      if (byte === undefined) return done(null, chunk);
      const changed = Buffer.from(chunk);
      changed[here] = byte ^ 1;
      return done(null, changed);
    },
  });
}

function after(limit: number, act: () => void): Transform {
  let passed = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      if (passed < limit && passed + chunk.length >= limit) act();
      passed += chunk.length;
      done(null, chunk);
    },
  });
}
