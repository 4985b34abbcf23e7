/** One request in one plugin: joins the filter chain's contract to the plugin's stream context. */
import type { BodyBuffer, FilterCallbacks, HeaderMap, HttpFilter } from "@legate/filter-sdk";
import {
  FilterDataStatus,
  type FilterHeadersStatus,
  type FilterTrailersStatus,
} from "@legate/filter-sdk";
import {
  type RootContext,
  StreamContext,
  type StreamHost,
  type StreamOptions,
  WasmResult,
} from "@legate/proxy-wasm";
import type { TerminalFilterCallbacks } from "../../terminal-filter.ts";
import type { ProxyPluginHost } from "./plugin-host.ts";
import { streamProperty } from "./properties.ts";

export class WasmFilter implements HttpFilter, StreamHost {
  readonly callbacks: TerminalFilterCallbacks;
  readonly context: StreamContext;
  /** The request was answered while its body was being held: nothing more of it goes to the plugin. */
  private isAnswered = false;

  constructor(callbacks: FilterCallbacks, root: RootContext, options: StreamOptions) {
    this.callbacks = callbacks as TerminalFilterCallbacks;
    this.context = new StreamContext(root, this, options);
  }

  get host(): ProxyPluginHost {
    return this.context.root.host as ProxyPluginHost;
  }

  // ---- The filter. Actions of the ABI have the numbers of the filter statuses.

  decodeHeaders(headers: HeaderMap, endStream: boolean): FilterHeadersStatus {
    return this.context.onRequestHeaders(headers, endStream);
  }

  decodeData(data: BodyBuffer, endStream: boolean): FilterDataStatus {
    const { context, callbacks } = this;
    if (!context.isRequestBodyHeld) return context.onRequestBody(data, endStream);
    const held = callbacks.decodingBuffer;
    if (held !== data) {
      for (const chunk of data.chunks) callbacks.addDecodedData(chunk);
      data.clear();
      if (this.isAnswered) return FilterDataStatus.StopIterationNoBuffer;
    }
    return context.onRequestBody(callbacks.decodingBuffer ?? data, endStream);
  }

  decodeTrailers(trailers: HeaderMap): FilterTrailersStatus {
    return this.context.onRequestTrailers(trailers);
  }

  encodeHeaders(headers: HeaderMap, endStream: boolean): FilterHeadersStatus {
    return this.context.onResponseHeaders(headers, endStream);
  }

  encodeData(data: BodyBuffer, endStream: boolean): FilterDataStatus {
    const { context, callbacks } = this;
    if (!context.isResponseBodyHeld) return context.onResponseBody(data, endStream);
    const held = callbacks.encodingBuffer;
    if (held !== data) {
      for (const chunk of data.chunks) callbacks.addEncodedData(chunk);
      data.clear();
      if (this.isAnswered) return FilterDataStatus.StopIterationNoBuffer;
    }
    return context.onResponseBody(callbacks.encodingBuffer ?? data, endStream);
  }

  encodeTrailers(trailers: HeaderMap): FilterTrailersStatus {
    return this.context.onResponseTrailers(trailers);
  }

  onLocalReply(): 0 {
    this.isAnswered = true;
    return 0;
  }

  onAccessLog(): void {
    const info = this.callbacks.streamInfo;
    this.context.onLog(info.requestHeaders, info.responseHeaders, info.responseTrailers);
  }

  onDestroy(): void {
    this.context.onDestroy();
  }

  // ---- StreamHost: what the plugin does to the stream.

  continueRequest(): void {
    this.callbacks.continueDecoding();
  }

  continueResponse(): void {
    this.callbacks.continueEncoding();
  }

  resetStream(details: string): void {
    this.callbacks.resetStream(details);
  }

  sendLocalReply(
    code: number,
    body: Uint8Array,
    headers: readonly string[],
    grpcStatus: number,
    details: string,
  ): void {
    this.callbacks.sendLocalReply(code, body, headers, grpcStatus, details);
  }

  clearRouteCache(): void {
    this.callbacks.clearRouteCache();
  }

  getProperty(path: readonly string[]): Uint8Array | WasmResult {
    return streamProperty(path, this);
  }

  setProperty(path: string, value: Uint8Array): WasmResult {
    this.callbacks.streamInfo.setFilterState(`wasm.${path}`, value);
    return WasmResult.Ok;
  }

  heldRequestBody(): BodyBuffer | null {
    return this.callbacks.decodingBuffer;
  }

  heldResponseBody(): BodyBuffer | null {
    return this.callbacks.encodingBuffer;
  }

  addRequestTrailers(): HeaderMap {
    return this.callbacks.addDecodedTrailers();
  }

  addResponseTrailers(): HeaderMap {
    return this.callbacks.addEncodedTrailers();
  }
}
