/**
 * How one direction of a stream moves through its filters: forward on decode, backward on encode.
 *
 * Each filter has a state per direction. Continue lets everything pass. StopSingle holds the headers
 * (or the data) back while the filter still sees what follows. StopAll* hold everything, and the
 * filter sees nothing, until it continues. What is held of the body lies in one buffer per direction.
 *
 *     headers ─▶ filter ─▶ filter ─▶ … ─▶ end (decode: the terminal filter; encode: the codec)
 *                  │ stop: body ─▶ buffer; continue: headers, buffer, trailers go on from the next filter
 *
 * Source: envoy/http/filter.h and the behaviour of source/common/http/filter_manager.cc.
 */
import type { HttpFilter } from "@legate/filter-sdk";
import { FilterDataStatus, FilterHeadersStatus, FilterTrailersStatus } from "@legate/filter-sdk";
import { BodyBuffer } from "../http/body-buffer.ts";
import type { HeaderMap } from "../http/header-map.ts";

const State = { Continue: 0, StopSingle: 1, StopAllBuffer: 2, StopAllWatermark: 3 } as const;
type State = (typeof State)[keyof typeof State];

/** The callback in progress; decides what addData means. */
export const InCall = { None: 0, Headers: 1, Data: 2, Trailers: 3 } as const;
export type InCall = (typeof InCall)[keyof typeof InCall];

/** One filter's state in one direction. */
export class FilterPosition {
  state: State = State.Continue;
  /** The filters after this one have the headers. */
  hasContinuedHeaders = false;
  /** This filter has seen the end of the message. */
  hasEnded = false;
  /** Set while a StopAll filter continues: it then gets the held data itself. */
  startsFromItself = false;

  get hasStoppedAll(): boolean {
    return this.state >= State.StopAllBuffer;
  }
}

/** One direction of one stream. */
export abstract class FilterIteration {
  readonly filters: readonly HttpFilter[];
  readonly positions: FilterPosition[];
  headers: HeaderMap | null = null;
  trailers: HeaderMap | null = null;
  /** Body held back, shared by the filters of this direction. */
  buffered: BodyBuffer | null = null;
  /** Bytes; 0 for none. */
  bufferLimit = 0;
  /** The sender has ended the message (with headers, data or trailers). */
  hasEnded = false;
  isAborted = false;
  inCall: InCall = InCall.None;
  /** The last filter that held data back wants back-pressure, not an error. */
  private isStreaming = false;
  private isPausedForBuffer = false;
  /** +1 on decode, -1 on encode. */
  private readonly step: number;

  constructor(filters: readonly HttpFilter[], step: 1 | -1) {
    this.filters = filters;
    this.step = step;
    this.positions = [];
    for (let i = 0; i < filters.length; i++) this.positions.push(new FilterPosition());
  }

  /** Undefined: the filter has no such callback, which means Continue. */
  protected abstract callHeaders(
    filter: HttpFilter,
    headers: HeaderMap,
    endStream: boolean,
  ): FilterHeadersStatus | undefined;
  protected abstract callData(
    filter: HttpFilter,
    data: BodyBuffer,
    endStream: boolean,
  ): FilterDataStatus | undefined;
  protected abstract callTrailers(
    filter: HttpFilter,
    trailers: HeaderMap,
  ): FilterTrailersStatus | undefined;
  protected abstract callComplete(filter: HttpFilter): void;
  /** What lies behind the last filter. */
  protected abstract endHeaders(headers: HeaderMap, endStream: boolean): void;
  protected abstract endData(data: BodyBuffer, endStream: boolean): void;
  protected abstract endTrailers(trailers: HeaderMap): void;
  /** More is held than the limit allows, and the holder wants no back-pressure. */
  protected abstract onTooLarge(): void;
  /** Pauses or resumes the sender. */
  protected abstract pauseSource(pause: boolean): void;
  /** Filters entered (true) or left: the stream is not destroyed meanwhile. */
  protected abstract guard(enter: boolean): void;

  private get first(): number {
    return this.step === 1 ? 0 : this.filters.length - 1;
  }

  private isInside(index: number): boolean {
    return index >= 0 && index < this.filters.length;
  }

  startHeaders(headers: HeaderMap, endStream: boolean): void {
    this.headers = headers;
    this.hasEnded = endStream;
    this.runHeaders(this.first, headers, endStream);
  }

  startData(data: BodyBuffer, endStream: boolean): void {
    if (endStream) this.hasEnded = true;
    this.runData(this.first, data, endStream);
  }

  startTrailers(trailers: HeaderMap): void {
    this.trailers = trailers;
    this.hasEnded = true;
    this.runTrailers(this.first, trailers);
  }

  private runHeaders(from: number, headers: HeaderMap, endOfMessage: boolean): void {
    let endStream = endOfMessage;
    let continueDataAt = -1;
    for (let i = from; this.isInside(i); i += this.step) {
      const filter = this.filters[i]!;
      const position = this.positions[i]!;
      const before = this.inCall;
      this.inCall = InCall.Headers;
      this.guard(true);
      // A filter added a body to a message without one: those after it see the end later.
      const endHere = endStream && continueDataAt < 0;
      const status = this.callHeaders(filter, headers, endHere) ?? FilterHeadersStatus.Continue;
      if (endHere && status !== FilterHeadersStatus.ContinueAndDontEndStream) {
        position.hasEnded = true;
        if (!this.isAborted) this.callComplete(filter);
      }
      this.inCall = before;
      this.guard(false);
      if (this.isAborted) return;
      const goesOn = this.applyHeadersStatus(position, status);
      if (status === FilterHeadersStatus.ContinueAndDontEndStream) {
        endStream = false;
        this.hasEnded = false;
      }
      if (!goesOn) {
        if (continueDataAt >= 0) this.continueBuffered(continueDataAt);
        return;
      }
      if (endStream && this.buffered !== null && continueDataAt < 0) {
        continueDataAt = i;
        position.hasEnded = false;
      }
    }
    this.guard(true);
    this.endHeaders(headers, endStream && continueDataAt < 0);
    this.guard(false);
    if (continueDataAt >= 0 && !this.isAborted) this.continueBuffered(continueDataAt);
  }

  /** False: iteration stops here. */
  private applyHeadersStatus(position: FilterPosition, status: FilterHeadersStatus): boolean {
    switch (status) {
      case FilterHeadersStatus.StopIteration:
        position.state = State.StopSingle;
        return false;
      case FilterHeadersStatus.StopAllIterationAndBuffer:
        position.state = State.StopAllBuffer;
        return false;
      case FilterHeadersStatus.StopAllIterationAndWatermark:
        position.state = State.StopAllWatermark;
        return false;
      default:
        position.hasContinuedHeaders = true;
        return true;
    }
  }

  /** A body that was added in a headers callback follows the headers. */
  private continueBuffered(index: number): void {
    this.positions[index]!.state = State.StopSingle;
    this.continueFrom(index);
  }

  private runData(from: number, data: BodyBuffer, endOfMessage: boolean): void {
    let endStream = endOfMessage;
    let trailersAddedAt = -1;
    for (let i = from; this.isInside(i); i += this.step) {
      const position = this.positions[i]!;
      if (position.hasStoppedAll) {
        this.isStreaming = position.state === State.StopAllWatermark;
        this.hold(data);
        return;
      }
      if (position.hasEnded) return;
      const filter = this.filters[i]!;
      const hadTrailers = this.trailers !== null;
      const endHere = endStream && !hadTrailers;
      const before = this.inCall;
      this.inCall = InCall.Data;
      this.guard(true);
      const status = this.callData(filter, data, endHere) ?? FilterDataStatus.Continue;
      const addedTrailers = endStream && !hadTrailers && this.trailers !== null;
      if (endHere) {
        position.hasEnded = !addedTrailers;
        if (position.hasEnded && !this.isAborted) this.callComplete(filter);
      }
      this.inCall = before;
      this.guard(false);
      if (this.isAborted) return;
      if (addedTrailers) {
        endStream = false;
        if (trailersAddedAt < 0) trailersAddedAt = i;
      }
      if (!this.applyDataStatus(i, status, data)) {
        if (trailersAddedAt >= 0 && status !== FilterDataStatus.Continue) {
          // Trailers go to the filters from here on, as after any stop of data.
          this.runTrailers(trailersAddedAt, this.trailers!);
        }
        return;
      }
    }
    if (data === this.buffered) this.buffered = null;
    this.guard(true);
    this.endData(data, endStream);
    this.guard(false);
    if (trailersAddedAt >= 0 && !this.isAborted) this.runTrailers(trailersAddedAt, this.trailers!);
  }

  private applyDataStatus(index: number, status: FilterDataStatus, data: BodyBuffer): boolean {
    const position = this.positions[index]!;
    if (status === FilterDataStatus.Continue) {
      if (position.state !== State.StopSingle) return true;
      this.hold(data);
      if (!this.isAborted) this.continueFrom(index);
      return false;
    }
    position.state = State.StopSingle;
    if (status !== FilterDataStatus.StopIterationNoBuffer) {
      this.isStreaming = status === FilterDataStatus.StopIterationAndWatermark;
      this.hold(data);
    } else {
      if (data === this.buffered) this.buffered = null;
      // So that continuing later still sends the end of the stream.
      if (this.hasEnded && this.trailers === null) this.buffered ??= new BodyBuffer();
    }
    return false;
  }

  /** Moves `data` to the buffer, unless it is the buffer already. */
  private hold(data: BodyBuffer): void {
    this.buffered ??= new BodyBuffer();
    if (data === this.buffered) return;
    this.buffered.moveFrom(data);
    this.checkLimit();
  }

  private checkLimit(): void {
    if (
      this.bufferLimit === 0 ||
      this.buffered === null ||
      this.buffered.length <= this.bufferLimit
    )
      return;
    if (!this.isStreaming) this.onTooLarge();
    else if (!this.isPausedForBuffer) {
      this.isPausedForBuffer = true;
      this.pauseSource(true);
    }
  }

  private runTrailers(from: number, trailers: HeaderMap): void {
    for (let i = from; this.isInside(i); i += this.step) {
      const position = this.positions[i]!;
      if (position.hasStoppedAll) return;
      const filter = this.filters[i]!;
      const before = this.inCall;
      this.inCall = InCall.Trailers;
      this.guard(true);
      const status = this.callTrailers(filter, trailers) ?? FilterTrailersStatus.Continue;
      position.hasEnded = true;
      if (!this.isAborted) this.callComplete(filter);
      this.inCall = before;
      this.guard(false);
      if (this.isAborted) return;
      if (status === FilterTrailersStatus.StopIteration) {
        if (position.state === State.Continue) position.state = State.StopSingle;
        return;
      }
      if (position.state === State.StopSingle) {
        this.continueFrom(i);
        return;
      }
    }
    this.guard(true);
    this.endTrailers(trailers);
    this.guard(false);
  }

  /** A filter continues: what is held goes on behind it; a no-op when nothing was stopped. */
  continueFrom(index: number): void {
    const position = this.positions[index]!;
    if (this.isAborted || position.state === State.Continue) return;
    const fromItself = position.hasStoppedAll;
    position.state = State.Continue;
    const next = index + this.step;
    const hadTrailers = this.trailers !== null;
    if (!position.hasContinuedHeaders && this.headers !== null) {
      position.hasContinuedHeaders = true;
      const endStream = this.hasEnded && this.buffered === null && !hadTrailers;
      this.runHeaders(next, this.headers, endStream);
    }
    if (this.isAborted) return;
    const start = fromItself ? index : next;
    if (this.buffered !== null) {
      this.runData(start, this.buffered, this.hasEnded && !hadTrailers);
      this.resumeSource();
    }
    if (hadTrailers && !this.isAborted) this.runTrailers(start, this.trailers!);
  }

  /** Lets the sender go on once half of the limit is free. */
  private resumeSource(): void {
    if (!this.isPausedForBuffer) return;
    if (this.buffered !== null && this.buffered.length > this.bufferLimit / 2) return;
    this.isPausedForBuffer = false;
    this.pauseSource(false);
  }

  /** Adds body on behalf of filter `index`. */
  addData(index: number, chunk: Uint8Array): void {
    const data = new BodyBuffer();
    data.append(chunk);
    if (this.inCall === InCall.Trailers) this.runData(index + this.step, data, false);
    else this.hold(data);
  }

  /** Sends body to the filters behind `index`, past the buffer. */
  injectData(index: number, chunk: Uint8Array, endStream: boolean): void {
    if (this.isAborted) return;
    const position = this.positions[index]!;
    if (!position.hasContinuedHeaders && this.headers !== null) {
      position.hasContinuedHeaders = true;
      position.state = State.Continue;
      this.runHeaders(index + this.step, this.headers, false);
      if (this.isAborted) return;
    }
    if (endStream) this.hasEnded = true;
    const data = new BodyBuffer();
    data.append(chunk);
    this.runData(index + this.step, data, endStream);
  }

  /** No callback follows: the stream is being answered elsewhere or is gone. */
  abort(): void {
    this.isAborted = true;
    if (this.isPausedForBuffer) {
      this.isPausedForBuffer = false;
      this.pauseSource(false);
    }
  }
}
