import { AppError } from './errors.ts';

/** What the channel needs of a WebSocket: the browser's and the `ws` package's both have it. */
export interface SocketLike {
  binaryType: string;
  send(frame: string | Uint8Array<ArrayBuffer>): void;
  close(code?: number, reason?: string): void;
  addEventListener(type: 'open' | 'message' | 'close' | 'error', listener: (event: SocketEvent) => void): void;
}

interface SocketEvent {
  readonly type: string;
  readonly data?: unknown;
}

export type Arrival = string | Uint8Array<ArrayBuffer>;

/** What arrives on a socket, one message at a time and in order. */
export class Arrivals {
  /** Resolves when the socket is open; never, when it does not open: see `closed`. */
  readonly opened: Promise<void>;
  readonly closed: Promise<void>;
  readonly #waiting: Arrival[] = [];
  #waitingBytes = 0;
  #allowed: number;
  #reader: PromiseWithResolvers<Arrival> | undefined;
  #ended = false;

  /** `allowed`: how many bytes may wait to be read; with more, the socket is closed. */
  constructor(socket: SocketLike, allowed: number) {
    const opened = Promise.withResolvers<void>();
    const closed = Promise.withResolvers<void>();
    this.opened = opened.promise;
    this.closed = closed.promise;
    this.#allowed = allowed;
    socket.binaryType = 'arraybuffer';
    socket.addEventListener('open', () => opened.resolve());
    socket.addEventListener('message', ({ data }) => {
      if (!this.#take(typeof data === 'string' ? data : data instanceof ArrayBuffer ? new Uint8Array(data) : '')) socket.close();
    });
    // What went wrong is never told to a script; the close that follows is all there is.
    socket.addEventListener('error', () => undefined);
    socket.addEventListener('close', () => {
      this.#ended = true;
      this.#reader?.reject(lost());
      closed.resolve();
    });
  }

  /** Lets more, or fewer, bytes wait. */
  allow(bytes: number): void {
    this.#allowed = bytes;
  }

  /**
   * The next message; one reader at a time.
   * @throws AppError `connection-lost` once the socket is closed and all that came before has been read
   */
  next(): Promise<Arrival> {
    const first = this.#waiting.shift();
    if (first !== undefined) {
      this.#waitingBytes -= first.length;
      return Promise.resolve(first);
    }
    if (this.#ended) return Promise.reject(lost());
    this.#reader = Promise.withResolvers<Arrival>();
    return this.#reader.promise;
  }

  #take(arrival: Arrival): boolean {
    if (this.#ended || arrival.length > this.#allowed - this.#waitingBytes) return this.#ended;
    const reader = this.#reader;
    this.#reader = undefined;
    if (reader === undefined) {
      this.#waiting.push(arrival);
      this.#waitingBytes += arrival.length;
    } else {
      reader.resolve(arrival);
    }
    return true;
  }
}

/** The error of a connection that ended. */
export function lost(message = 'the connection to the agent was lost'): AppError {
  return new AppError('connection-lost', message, { remedy: 'it is made again by itself; if not, check that the agent is running' });
}
