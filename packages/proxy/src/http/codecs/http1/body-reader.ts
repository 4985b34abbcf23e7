/**
 * Reads a message's body off the wire: by length, by chunks, to the connection's end, or raw.
 *
 *     Length ─────────────────────────────────────────▶ Done
 *     Size ─▶ Extension ─▶ Data ─▶ DataEnd ─▶ Size …
 *                      └─▶ LastEnd ─▶ (Trailers ─▶) ──▶ Done
 *     UntilClose, Raw: no end in the bytes
 */
import { BORROWED_CHUNK_LIMIT, type ByteSink } from "../../codec.ts";
import { HeaderMap } from "../../header-map.ts";
import { HEX } from "./characters.ts";
import {
  BlockKind,
  CODEC_ERROR,
  type FieldOptions,
  fieldParser,
  findBlockEnd,
} from "./field-parser.ts";
import { latin1 } from "./latin1.ts";
import type { Http1CodecStats } from "./stats.ts";

export const HEADERS_TOO_LARGE = "http1.headers_too_large";
export const EMPTY = new Uint8Array(0);

const State = {
  Done: 0,
  Length: 1,
  Size: 2,
  Extension: 3,
  Data: 4,
  DataEnd: 5,
  LastEnd: 6,
  Trailers: 7,
  UntilClose: 8,
  Failed: 9,
} as const;
type State = (typeof State)[keyof typeof State];

/** Gets the body. The call with `endStream`, or onTrailers, is the last one. */
export interface BodyReceiver {
  onBody(chunk: Uint8Array, endStream: boolean): void;
  onTrailers(trailers: HeaderMap): void;
}

export interface BodyOptions extends FieldOptions {
  readonly enableTrailers: boolean;
  readonly maxHeadersBytes: number;
}

/** Sizes from 2^64 on are refused; those above 2^53 are kept inexactly, none arrives whole. */
const MAX_SIZE_DIGITS = 16;

export class BodyReader {
  /** Details of the fault after `read` returned less than it was given. */
  error = "";
  private state: State = State.Done;
  private remaining = 0;
  private hasDigits = false;
  /** Of the chunk size being read, leading zeros left out. */
  private sizeDigits = 0;
  private wasCr = false;
  private trailerText = "";
  /** A chunk's data seen in this event and not yet passed on, as the body's end may follow at once. */
  private dataStart = 0;
  private dataEnd = 0;
  private readonly sink: ByteSink;
  private readonly receiver: BodyReceiver;
  private readonly options: BodyOptions;
  private readonly stats: Http1CodecStats | null;

  constructor(
    sink: ByteSink,
    receiver: BodyReceiver,
    options: BodyOptions,
    stats: Http1CodecStats | null,
  ) {
    this.sink = sink;
    this.receiver = receiver;
    this.options = options;
    this.stats = stats;
  }

  get isDone(): boolean {
    return this.state === State.Done;
  }
  get isUntilClose(): boolean {
    return this.state === State.UntilClose;
  }

  /** The body has this many bytes, more than none. */
  startLength(bytes: number): void {
    this.state = State.Length;
    this.remaining = bytes;
  }
  startChunks(): void {
    this.state = State.Size;
    this.remaining = 0;
    this.hasDigits = false;
    this.sizeDigits = 0;
  }
  /** All further bytes are the body's. */
  startUntilClose(): void {
    this.state = State.UntilClose;
  }
  stop(): void {
    this.state = State.Done;
  }

  /** Returns where it stopped: `end`, the end of the body, or a fault (`error` is not ""). */
  read(buffer: Buffer, start: number, end: number): number {
    if (this.state === State.Length) return this.readLength(buffer, start, end);
    if (this.state === State.UntilClose) {
      if (start < end) this.pass(buffer, start, end, false);
      return end;
    }
    this.dataStart = 0;
    this.dataEnd = 0;
    return this.readChunks(buffer, start, end);
  }

  private readLength(buffer: Buffer, start: number, end: number): number {
    const stop = end - start < this.remaining ? end : start + this.remaining;
    this.remaining -= stop - start;
    const isEnd = this.remaining === 0;
    if (isEnd) this.state = State.Done;
    if (isEnd || stop > start) this.pass(buffer, start, stop, isEnd);
    return stop;
  }

  private pass(buffer: Buffer, start: number, end: number, endStream: boolean): void {
    if (end - start >= BORROWED_CHUNK_LIMIT) this.sink.keepReadBuffer();
    this.receiver.onBody(start === end ? EMPTY : buffer.subarray(start, end), endStream);
  }

  private passPending(buffer: Buffer): void {
    const { dataStart, dataEnd } = this;
    this.dataStart = 0;
    this.dataEnd = 0;
    if (dataEnd > dataStart) this.pass(buffer, dataStart, dataEnd, false);
  }

  private fail(position: number, error: string): number {
    this.state = State.Failed;
    this.error = error;
    return position;
  }

  private readChunks(buffer: Buffer, start: number, end: number): number {
    let position = start;
    while (position < end) {
      switch (this.state) {
        case State.Size: {
          const c = buffer[position]!;
          const digit = HEX[c]!;
          if (digit >= 0) {
            this.hasDigits = true;
            this.remaining = this.remaining * 16 + digit;
            position++;
            if (this.remaining > 0 && ++this.sizeDigits > MAX_SIZE_DIGITS) {
              this.passPending(buffer);
              return this.fail(position, CODEC_ERROR);
            }
          } else if (this.hasDigits && (c === 13 || c === 59 || c === 32 || c === 9 || c === 10)) {
            this.state = State.Extension;
            this.wasCr = false;
          } else {
            this.passPending(buffer);
            return this.fail(position, CODEC_ERROR);
          }
          break;
        }
        case State.Extension: {
          const c = buffer[position]!;
          if ((c === 10) !== this.wasCr) {
            this.passPending(buffer);
            return this.fail(position, CODEC_ERROR);
          }
          position++;
          if (c === 10) {
            this.state = this.remaining > 0 ? State.Data : State.LastEnd;
            this.wasCr = false;
          } else {
            this.wasCr = c === 13;
          }
          break;
        }
        case State.Data: {
          this.passPending(buffer);
          const stop = end - position < this.remaining ? end : position + this.remaining;
          this.remaining -= stop - position;
          this.dataStart = position;
          this.dataEnd = stop;
          position = stop;
          if (this.remaining === 0) this.state = State.DataEnd;
          break;
        }
        case State.DataEnd:
          // Anything up to the line's end is overlooked, as in Envoy.
          if (buffer[position++] === 10) {
            this.state = State.Size;
            this.hasDigits = false;
            this.sizeDigits = 0;
          }
          break;
        case State.LastEnd: {
          const c = buffer[position]!;
          if (c === 10) return this.finish(buffer, position + 1);
          if (c === 13 && !this.wasCr) {
            this.wasCr = true;
            position++;
          } else {
            this.trailerText = this.wasCr ? "\r" : "";
            this.state = State.Trailers;
          }
          break;
        }
        default:
          return this.readTrailers(buffer, position, end);
      }
    }
    this.passPending(buffer);
    return position;
  }

  private finish(buffer: Buffer, position: number): number {
    this.state = State.Done;
    const { dataStart, dataEnd } = this;
    this.pass(buffer, dataStart, dataEnd, true);
    return position;
  }

  private readTrailers(buffer: Buffer, start: number, end: number): number {
    const { options } = this;
    const before = this.trailerText.length;
    const text = this.trailerText + latin1(buffer, start, end);
    this.passPending(buffer);
    const stop = findBlockEnd(text, Math.max(0, before - 3));
    if (stop > options.maxHeadersBytes || (stop < 0 && text.length > options.maxHeadersBytes)) {
      return this.fail(end, HEADERS_TOO_LARGE);
    }
    if (stop < 0) {
      this.trailerText = text;
      return end;
    }
    this.trailerText = "";
    const trailers = new HeaderMap();
    const parsed = fieldParser.parse(
      text,
      Buffer.from(text, "latin1"),
      0,
      0,
      trailers,
      BlockKind.Trailers,
      options.enableTrailers ? options : LENIENT,
      options.enableTrailers ? this.stats : null,
    );
    if (parsed < 0) return this.fail(start, fieldParser.error);
    this.state = State.Done;
    if (options.enableTrailers) this.receiver.onTrailers(trailers);
    else this.receiver.onBody(EMPTY, true);
    return start + parsed - before;
  }
}

/** For trailers that are dropped: only their form counts. */
const LENIENT: FieldOptions = {
  headersWithUnderscores: 0,
  maxHeadersCount: Number.POSITIVE_INFINITY,
};
