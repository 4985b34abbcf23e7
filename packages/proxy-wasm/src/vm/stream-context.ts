/**
 * One HTTP stream in one plugin. The embedder calls the on… methods in the stream's order and applies
 * the actions that they return; what the plugin does beside that comes through StreamHost.
 *
 * A map or body is within the plugin's reach from its callback until the plugin lets it go on.
 */
import { BufferType, DataAction, HeadersAction, MapType, TrailersAction } from "../abi/enums.ts";
import type { HeaderMap } from "../abi/header-map.ts";
import type { Context } from "./context.ts";
import type { BodyBuffer, StreamHost } from "./host.ts";
import { type PluginVm, TRAPPED } from "./plugin-vm.ts";
import type { RootContext } from "./root-context.ts";

/** How a stream goes on when its VM is lost. */
export interface StreamOptions {
  /** True: requests pass without the plugin; false: they get 503. */
  readonly failsOpen: boolean;
  /** False: StopIteration from headers callbacks holds the body, too, as in Envoy. */
  readonly allowsHeadersStopIteration: boolean;
}

const UNAVAILABLE = 14;
const NO_BODY = new Uint8Array(0);

export class StreamContext implements Context {
  /** 0 until the guest knows of it. */
  id = 0;
  readonly root: RootContext;
  readonly stream: StreamHost;
  isLogging = false;
  private readonly vm: PluginVm;
  private readonly options: StreamOptions;
  private requestHeaders: HeaderMap | null = null;
  private requestTrailers: HeaderMap | null = null;
  private responseHeaders: HeaderMap | null = null;
  private responseTrailers: HeaderMap | null = null;
  private requestBody: BodyBuffer | null = null;
  private responseBody: BodyBuffer | null = null;
  private isRequestBuffering = false;
  private isResponseBuffering = false;
  /** In the last body callback of a message without trailers. */
  private isAtRequestEnd = false;
  private isAtResponseEnd = false;
  private hasReplied = false;
  private isDestroyed = false;

  constructor(root: RootContext, stream: StreamHost, options: StreamOptions) {
    this.root = root;
    this.vm = root.vm;
    this.stream = stream;
    this.options = options;
  }

  private create(): void {
    const { vm } = this;
    if (this.id !== 0 || !vm.isAlive) return;
    this.id = vm.newContextId();
    vm.contexts.set(this.id, this);
    vm.call("proxy_on_context_create", this, this.id, this.root.id);
  }

  onRequestHeaders(headers: HeaderMap, endStream: boolean): HeadersAction {
    this.create();
    this.requestHeaders = headers;
    const action = this.callHeaders("proxy_on_request_headers", headers, endStream);
    if (action === HeadersAction.Continue) this.requestHeaders = null;
    return action;
  }

  onResponseHeaders(headers: HeaderMap, endStream: boolean): HeadersAction {
    if (this.id === 0) return HeadersAction.Continue;
    this.responseHeaders = headers;
    const action = this.callHeaders("proxy_on_response_headers", headers, endStream);
    if (action === HeadersAction.Continue) this.responseHeaders = null;
    return action;
  }

  private callHeaders(
    name: "proxy_on_request_headers" | "proxy_on_response_headers",
    headers: HeaderMap,
    endStream: boolean,
  ): HeadersAction {
    const { vm } = this;
    if (!vm.isAlive)
      return this.isLost() ? HeadersAction.StopAllIterationAndWatermark : HeadersAction.Continue;
    const result = vm.call(name, this, this.id, headers.size, endStream ? 1 : 0);
    switch (this.finish(result)) {
      case 0:
      case 2:
        return HeadersAction.Continue;
      case 1:
        return this.options.allowsHeadersStopIteration
          ? HeadersAction.StopIteration
          : HeadersAction.StopAllIterationAndWatermark;
      case 3:
        return HeadersAction.StopAllIterationAndBuffer;
      default:
        return HeadersAction.StopAllIterationAndWatermark;
    }
  }

  /** While isRequestBodyHeld, `body` must be all that is held, the new chunk included. */
  onRequestBody(body: BodyBuffer, endStream: boolean): DataAction {
    if (this.id === 0) return DataAction.Continue;
    this.requestBody = body;
    this.isAtRequestEnd = endStream;
    const action = this.callBody("proxy_on_request_body", body.length, endStream);
    this.isAtRequestEnd = false;
    this.isRequestBuffering = action === DataAction.StopIterationAndBuffer;
    // What is held can still be read; a chunk that went on can't.
    this.requestBody = null;
    return action;
  }

  onResponseBody(body: BodyBuffer, endStream: boolean): DataAction {
    if (this.id === 0) return DataAction.Continue;
    this.responseBody = body;
    this.isAtResponseEnd = endStream;
    const action = this.callBody("proxy_on_response_body", body.length, endStream);
    this.isAtResponseEnd = false;
    this.isResponseBuffering = action === DataAction.StopIterationAndBuffer;
    this.responseBody = null;
    return action;
  }

  /** The plugin buffers: its next callback sees what is held with the new chunk behind it. */
  get isRequestBodyHeld(): boolean {
    return this.isRequestBuffering;
  }

  get isResponseBodyHeld(): boolean {
    return this.isResponseBuffering;
  }

  private callBody(
    name: "proxy_on_request_body" | "proxy_on_response_body",
    size: number,
    endStream: boolean,
  ): DataAction {
    const { vm } = this;
    if (!vm.isAlive) return this.isLost() ? DataAction.StopIterationNoBuffer : DataAction.Continue;
    const result = vm.call(name, this, this.id, size, endStream ? 1 : 0);
    switch (this.finish(result)) {
      case 0:
        return DataAction.Continue;
      case 1:
        return DataAction.StopIterationAndBuffer;
      case 2:
        return DataAction.StopIterationAndWatermark;
      default:
        return DataAction.StopIterationNoBuffer;
    }
  }

  onRequestTrailers(trailers: HeaderMap): TrailersAction {
    if (this.id === 0) return TrailersAction.Continue;
    this.requestTrailers = trailers;
    const action = this.callTrailers("proxy_on_request_trailers", trailers);
    if (action === TrailersAction.Continue) this.requestTrailers = null;
    return action;
  }

  onResponseTrailers(trailers: HeaderMap): TrailersAction {
    if (this.id === 0) return TrailersAction.Continue;
    this.responseTrailers = trailers;
    const action = this.callTrailers("proxy_on_response_trailers", trailers);
    if (action === TrailersAction.Continue) this.responseTrailers = null;
    return action;
  }

  private callTrailers(
    name: "proxy_on_request_trailers" | "proxy_on_response_trailers",
    trailers: HeaderMap,
  ): TrailersAction {
    const { vm } = this;
    if (!vm.isAlive) return this.isLost() ? TrailersAction.StopIteration : TrailersAction.Continue;
    const result = vm.call(name, this, this.id, trailers.size);
    return this.finish(result) === 0 ? TrailersAction.Continue : TrailersAction.StopIteration;
  }

  /** Runs what was put off; a value above all actions stands for "stop". */
  private finish(result: number): number {
    const { vm } = this;
    if (result === TRAPPED) {
      this.fail();
      return 99;
    }
    const stops = vm.stopsIteration;
    if (vm.hasDeferred) vm.runDeferred();
    return stops || result < 0 ? 99 : result;
  }

  /** Another stream lost the VM. True when this one ends with it; its answer passes. */
  private isLost(): boolean {
    if (this.options.failsOpen || this.hasReplied) return false;
    this.fail();
    return true;
  }

  /** The stream that loses the VM is answered whatever the policy. */
  private fail(): void {
    if (this.hasReplied) return;
    this.hasReplied = true;
    this.stream.sendLocalReply(503, NO_BODY, [], UNAVAILABLE, "wasm_fail_stream");
  }

  /** Access log time; the maps can be read once more. */
  onLog(
    requestHeaders: HeaderMap | null,
    responseHeaders: HeaderMap | null,
    responseTrailers: HeaderMap | null,
  ): void {
    const { vm } = this;
    if (!vm.isAlive) return;
    this.create();
    this.isLogging = true;
    this.requestHeaders = requestHeaders;
    this.responseHeaders = responseHeaders;
    this.responseTrailers = responseTrailers;
    vm.call("proxy_on_log", this, this.id);
    this.isLogging = false;
    this.requestHeaders = null;
    this.responseHeaders = null;
    this.responseTrailers = null;
    vm.runDeferred();
  }

  /** The stream's end: nothing reaches the guest afterwards. */
  onDestroy(): void {
    const { vm } = this;
    this.isDestroyed = true;
    if (this.id === 0 || !vm.isAlive) return;
    vm.call("proxy_on_done", this, this.id);
    vm.call("proxy_on_delete", this, this.id);
    vm.contexts.delete(this.id);
    vm.runDeferred();
  }

  // ---- Called by hostcalls; what changes the stream's course is put off until the guest has returned.

  continueRequest(): void {
    this.later(() => {
      this.dropRequest();
      this.stream.continueRequest();
    });
  }

  continueResponse(): void {
    this.later(() => {
      this.dropRequest();
      this.stream.continueResponse();
    });
  }

  /** Envoy drops what belongs to the request whichever direction continues. */
  private dropRequest(): void {
    this.requestHeaders = null;
    this.requestBody = null;
    this.requestTrailers = null;
  }

  close(): void {
    this.later(() => this.stream.resetStream("wasm_close_stream"));
  }

  sendLocalResponse(
    code: number,
    body: Uint8Array,
    headers: readonly string[],
    grpcStatus: number,
    details: string,
  ): void {
    this.vm.stopsIteration = true;
    this.later(() => {
      if (this.hasReplied) return;
      this.hasReplied = true;
      this.stream.sendLocalReply(code, body, headers, grpcStatus, details);
    });
  }

  private later(action: () => void): void {
    this.vm.defer(() => {
      if (!this.isDestroyed) action();
    });
  }

  readableMap(type: number): HeaderMap | null {
    switch (type) {
      case MapType.HttpRequestHeaders:
        return this.requestHeaders;
      case MapType.HttpRequestTrailers:
        return this.requestTrailers;
      case MapType.HttpResponseHeaders:
        return this.responseHeaders;
      case MapType.HttpResponseTrailers:
        return this.responseTrailers;
      default:
        return this.root.readableMap(type);
    }
  }

  writableMap(type: number): HeaderMap | null {
    if (this.isLogging) return null;
    if (type === MapType.HttpRequestTrailers && this.isAtRequestEnd)
      this.requestTrailers ??= this.stream.addRequestTrailers();
    if (type === MapType.HttpResponseTrailers && this.isAtResponseEnd)
      this.responseTrailers ??= this.stream.addResponseTrailers();
    return type <= MapType.HttpResponseTrailers ? this.readableMap(type) : null;
  }

  body(type: number): BodyBuffer | null {
    switch (type) {
      case BufferType.HttpRequestBody:
        return this.requestBody ?? (this.isRequestBuffering ? this.stream.heldRequestBody() : null);
      case BufferType.HttpResponseBody:
        return (
          this.responseBody ?? (this.isResponseBuffering ? this.stream.heldResponseBody() : null)
        );
      default:
        return this.root.body(type);
    }
  }
}
