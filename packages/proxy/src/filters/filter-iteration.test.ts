import assert from "node:assert/strict";
import { test } from "node:test";
import type {
  BodyBuffer as BodyBufferContract,
  HeaderMap as HeaderMapContract,
  HttpFilter,
} from "@legate/filter-sdk";
import { FilterDataStatus, FilterHeadersStatus, FilterTrailersStatus } from "@legate/filter-sdk";
import { BodyBuffer } from "../http/body-buffer.ts";
import { HeaderMap } from "../http/header-map.ts";
import { FilterIteration } from "./filter-iteration.ts";

/** A decode iteration that records what reaches its end. */
class Recorded extends FilterIteration {
  readonly events: string[] = [];
  tooLarge = 0;

  constructor(filters: readonly HttpFilter[]) {
    super(filters, 1);
  }
  protected callHeaders(filter: HttpFilter, headers: HeaderMapContract, endStream: boolean) {
    return filter.decodeHeaders?.(headers, endStream);
  }
  protected callData(filter: HttpFilter, data: BodyBufferContract, endStream: boolean) {
    return filter.decodeData?.(data, endStream);
  }
  protected callTrailers(filter: HttpFilter, trailers: HeaderMapContract) {
    return filter.decodeTrailers?.(trailers);
  }
  protected callComplete(filter: HttpFilter): void {
    filter.decodeComplete?.();
  }
  protected endHeaders(_headers: HeaderMap, endStream: boolean): void {
    this.events.push(`headers${endStream ? " end" : ""}`);
  }
  protected endData(data: BodyBuffer, endStream: boolean): void {
    this.events.push(`data ${Buffer.from(data.join()).toString()}${endStream ? " end" : ""}`);
    data.clear();
  }
  protected endTrailers(): void {
    this.events.push("trailers");
  }
  protected onTooLarge(): void {
    this.tooLarge++;
  }
  protected pauseSource(pause: boolean): void {
    this.events.push(pause ? "pause" : "resume");
  }
  protected guard(): void {}
}

function body(text: string): BodyBuffer {
  const buffer = new BodyBuffer();
  buffer.append(Buffer.from(text));
  return buffer;
}

test("passes headers, data and trailers through filters without callbacks", () => {
  const iteration = new Recorded([{}, {}]);
  iteration.startHeaders(new HeaderMap(), false);
  iteration.startData(body("a"), false);
  iteration.startTrailers(new HeaderMap());
  assert.deepEqual(iteration.events, ["headers", "data a", "trailers"]);
});

test("StopIteration from headers holds headers until data continues", () => {
  const iteration = new Recorded([
    {
      decodeHeaders: () => FilterHeadersStatus.StopIteration,
      decodeData: (_data, endStream) =>
        endStream ? FilterDataStatus.Continue : FilterDataStatus.StopIterationAndBuffer,
    },
  ]);
  iteration.startHeaders(new HeaderMap(), false);
  iteration.startData(body("a"), false);
  assert.deepEqual(iteration.events, []);
  iteration.startData(body("b"), true);
  assert.deepEqual(iteration.events, ["headers", "data ab end"]);
});

test("StopAllIterationAndBuffer gives the filter its own held data when it continues", () => {
  const seen: string[] = [];
  const iteration = new Recorded([
    {
      decodeHeaders: () => FilterHeadersStatus.StopAllIterationAndBuffer,
      decodeData(data, endStream) {
        seen.push(`${Buffer.from(data.join()).toString()} ${endStream}`);
        return FilterDataStatus.Continue;
      },
    },
  ]);
  iteration.startHeaders(new HeaderMap(), false);
  iteration.startData(body("a"), false);
  iteration.startData(body("b"), true);
  assert.deepEqual(seen, []);
  iteration.continueFrom(0);
  assert.deepEqual(seen, ["ab true"]);
  assert.deepEqual(iteration.events, ["headers", "data ab end"]);
});

test("above the limit a buffering filter is too large, a watermark filter pauses the source", () => {
  const buffering = new Recorded([
    { decodeHeaders: () => FilterHeadersStatus.StopAllIterationAndBuffer },
  ]);
  buffering.bufferLimit = 3;
  buffering.startHeaders(new HeaderMap(), false);
  buffering.startData(body("abcd"), false);
  assert.equal(buffering.tooLarge, 1);

  const watermark = new Recorded([
    { decodeHeaders: () => FilterHeadersStatus.StopAllIterationAndWatermark },
  ]);
  watermark.bufferLimit = 3;
  watermark.startHeaders(new HeaderMap(), false);
  watermark.startData(body("abcd"), false);
  assert.deepEqual(watermark.events, ["pause"]);
  watermark.continueFrom(0);
  assert.deepEqual(watermark.events, ["pause", "headers", "data abcd", "resume"]);
});

test("a body added to a message without one follows the headers", () => {
  const filters: HttpFilter[] = [{}];
  const iteration = new Recorded(filters);
  filters[0]!.decodeHeaders = () => {
    iteration.addData(0, Buffer.from("added"));
    return FilterHeadersStatus.Continue;
  };
  iteration.startHeaders(new HeaderMap(), true);
  assert.deepEqual(iteration.events, ["headers", "data added end"]);
});

test("StopIterationNoBuffer keeps the data from later filters, and continuing still ends the stream", () => {
  const iteration = new Recorded([{ decodeData: () => FilterDataStatus.StopIterationNoBuffer }]);
  iteration.startHeaders(new HeaderMap(), false);
  iteration.startData(body("dropped"), true);
  assert.deepEqual(iteration.events, ["headers"]);
  iteration.continueFrom(0);
  assert.deepEqual(iteration.events, ["headers", "data  end"]);
});

test("trailers added in the last data callback follow the data", () => {
  const filters: HttpFilter[] = [{}, {}];
  const iteration = new Recorded(filters);
  filters[0]!.decodeData = (_data, endStream) => {
    if (endStream) iteration.trailers = new HeaderMap();
    return FilterDataStatus.Continue;
  };
  iteration.startHeaders(new HeaderMap(), false);
  iteration.startData(body("x"), true);
  assert.deepEqual(iteration.events, ["headers", "data x", "trailers"]);
});

test("stopped trailers go on when the filter continues", () => {
  const iteration = new Recorded([{ decodeTrailers: () => FilterTrailersStatus.StopIteration }]);
  iteration.startHeaders(new HeaderMap(), false);
  iteration.startTrailers(new HeaderMap());
  assert.deepEqual(iteration.events, ["headers"]);
  iteration.continueFrom(0);
  assert.deepEqual(iteration.events, ["headers", "trailers"]);
});

test("an injected chunk passes by the buffer", () => {
  const iteration = new Recorded([
    {
      decodeHeaders: () => FilterHeadersStatus.ContinueAndDontEndStream,
      decodeData: () => FilterDataStatus.StopIterationNoBuffer,
    },
  ]);
  iteration.startHeaders(new HeaderMap(), true);
  iteration.injectData(0, Buffer.from("one"), false);
  iteration.injectData(0, Buffer.from("two"), true);
  assert.deepEqual(iteration.events, ["headers", "data one", "data two end"]);
});
