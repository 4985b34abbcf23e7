/** Runs a filter's async onRequest and onResponse on top of the synchronous callbacks. */
import type {
  BodyBuffer,
  Clusters,
  FetchOptions,
  FetchResult,
  FilterCallbacks,
  FilterModule,
  FilterReply,
  FilterRequest,
  FilterResponse,
  HeaderMap,
  HttpCall,
  HttpFilter,
  Logger,
  RequestContext,
  StreamInfo,
} from "@legate/filter-sdk";
import { FilterDataStatus, FilterHeadersStatus, FilterTrailersStatus } from "@legate/filter-sdk";
import type { FailureReporter } from "./guarded-filter.ts";

const DEFAULT_FETCH_TIMEOUT_MS = 5000;
const CLUSTER_URL = /^cluster:\/\/([^/]+)(\/.*)?$/s;

export interface AsyncFilterTools {
  readonly module: FilterModule;
  readonly clusters: Clusters;
  readonly log: Logger;
  readonly report: FailureReporter;
}

/** The body of one direction: arrives through the data callbacks, is awaited by the handler. */
class Message {
  readonly headers: HeaderMap;
  private whole: Uint8Array | null = null;
  private waiter: ((body: Uint8Array) => void) | null = null;
  private promise: Promise<Uint8Array> | null = null;
  replacement: Uint8Array | null = null;
  private readonly buffered: () => BodyBuffer | null;

  constructor(headers: HeaderMap, endStream: boolean, buffered: () => BodyBuffer | null) {
    this.headers = headers;
    this.buffered = buffered;
    if (endStream) this.whole = new Uint8Array(0);
  }

  get method(): string {
    return this.headers.get(":method") ?? "";
  }
  get path(): string {
    return this.headers.get(":path") ?? "";
  }
  get status(): number {
    return Number(this.headers.get(":status"));
  }

  body(): Promise<Uint8Array> {
    if (this.replacement !== null) return Promise.resolve(this.replacement);
    if (this.whole !== null) return Promise.resolve(this.whole);
    this.promise ??= new Promise((resolve) => {
      this.waiter = resolve;
    });
    return this.promise;
  }

  async text(): Promise<string> {
    return new TextDecoder().decode(await this.body());
  }

  setBody(body: Uint8Array | string): void {
    this.replacement = typeof body === "string" ? new TextEncoder().encode(body) : body;
    this.headers.set("content-length", String(this.replacement.length));
  }

  /** The body is whole: `last` is its last chunk, behind what is buffered. */
  complete(last: BodyBuffer | null): void {
    if (this.whole !== null) return;
    const parts: Uint8Array[] = [];
    const buffered = this.buffered();
    if (buffered !== null) parts.push(...buffered.chunks);
    if (last !== null && last !== buffered) parts.push(...last.chunks);
    this.whole = Buffer.concat(parts);
    this.waiter?.(this.whole);
  }
}

export class AsyncFilter implements HttpFilter {
  private readonly callbacks: FilterCallbacks;
  private readonly tools: AsyncFilterTools;
  private readonly context: StreamContext;
  private request: Message | null = null;
  private response: Message | null = null;
  private isRequestDone = false;
  private isResponseDone = false;
  private isRequestEnded = false;
  private isResponseEnded = false;
  private isDestroyed = false;
  private isInCallback = false;

  constructor(callbacks: FilterCallbacks, config: unknown, tools: AsyncFilterTools) {
    this.callbacks = callbacks;
    this.tools = tools;
    this.context = new StreamContext(
      callbacks.streamInfo,
      callbacks.routeConfig() ?? config,
      tools,
    );
  }

  decodeHeaders(headers: HeaderMap, endStream: boolean): FilterHeadersStatus {
    const { onRequest } = this.tools.module;
    if (onRequest === undefined) {
      this.isRequestDone = true;
      return FilterHeadersStatus.Continue;
    }
    this.isRequestEnded = endStream;
    const request = new Message(headers, endStream, () => this.callbacks.decodingBuffer);
    this.request = request;
    this.isInCallback = true;
    const result = this.start(
      () => onRequest(request as FilterRequest, this.context),
      (reply) => this.endRequest(reply ?? undefined),
    );
    this.isInCallback = false;
    if (!result || !this.isRequestDone) return FilterHeadersStatus.StopIteration;
    return this.hasReplied ? FilterHeadersStatus.StopIteration : FilterHeadersStatus.Continue;
  }

  private hasReplied = false;

  decodeData(data: BodyBuffer, endStream: boolean): FilterDataStatus {
    if (this.hasReplied) return FilterDataStatus.StopIterationNoBuffer;
    if (this.isRequestDone && this.isRequestEnded) return FilterDataStatus.Continue;
    if (this.isRequestDone) {
      if (endStream) this.isRequestEnded = true;
      if (this.request?.replacement == null) return FilterDataStatus.Continue;
      data.clear();
      return FilterDataStatus.Continue;
    }
    if (!endStream) return FilterDataStatus.StopIterationAndBuffer;
    this.isRequestEnded = true;
    this.request?.complete(data);
    return FilterDataStatus.StopIterationAndBuffer;
  }

  decodeTrailers(): FilterTrailersStatus {
    if (this.hasReplied) return FilterTrailersStatus.StopIteration;
    if (this.isRequestDone) return FilterTrailersStatus.Continue;
    this.isRequestEnded = true;
    this.request?.complete(null);
    return FilterTrailersStatus.StopIteration;
  }

  private endRequest(reply: FilterReply | undefined): void {
    this.isRequestDone = true;
    if (this.isDestroyed) return;
    if (reply !== undefined) {
      this.hasReplied = true;
      const headers: string[] = [];
      for (const [name, value] of Object.entries(reply.headers ?? {}))
        headers.push(name.toLowerCase(), value);
      this.callbacks.sendLocalReply(
        reply.status,
        reply.body ?? "",
        headers,
        -1,
        "native_filter_reply",
      );
      return;
    }
    replaceBody(this.request, this.callbacks.decodingBuffer, (body) =>
      this.callbacks.addDecodedData(body),
    );
    if (!this.isInCallback) this.callbacks.continueDecoding();
  }

  encodeHeaders(headers: HeaderMap, endStream: boolean): FilterHeadersStatus {
    const { onResponse } = this.tools.module;
    if (onResponse === undefined || this.hasReplied || this.isDestroyed) {
      this.isResponseDone = true;
      return FilterHeadersStatus.Continue;
    }
    this.isResponseEnded = endStream;
    const response = new Message(headers, endStream, () => this.callbacks.encodingBuffer);
    this.response = response;
    this.isInCallback = true;
    this.start(
      () => onResponse(response as FilterResponse, this.context),
      () => this.endResponse(),
    );
    this.isInCallback = false;
    return this.isResponseDone ? FilterHeadersStatus.Continue : FilterHeadersStatus.StopIteration;
  }

  encodeData(data: BodyBuffer, endStream: boolean): FilterDataStatus {
    if (this.isResponseDone) {
      if (this.response?.replacement != null && !this.isResponseEnded) data.clear();
      return FilterDataStatus.Continue;
    }
    if (!endStream) return FilterDataStatus.StopIterationAndBuffer;
    this.isResponseEnded = true;
    this.response?.complete(data);
    return FilterDataStatus.StopIterationAndBuffer;
  }

  encodeTrailers(): FilterTrailersStatus {
    if (this.isResponseDone) return FilterTrailersStatus.Continue;
    this.isResponseEnded = true;
    this.response?.complete(null);
    return FilterTrailersStatus.StopIteration;
  }

  private endResponse(): void {
    this.isResponseDone = true;
    if (this.isDestroyed) return;
    replaceBody(this.response, this.callbacks.encodingBuffer, (body) =>
      this.callbacks.addEncodedData(body),
    );
    if (!this.isInCallback) this.callbacks.continueEncoding();
  }

  /** Runs a handler; a synchronous one ends at once. False: it failed and was reported. */
  private start<T>(run: () => Promise<T> | T, end: (value?: T) => void): boolean {
    let result: Promise<T> | T;
    try {
      result = run();
    } catch (error) {
      return this.fail(error, end);
    }
    if (result instanceof Promise) {
      result
        .then(end, (error) => this.fail(error, end))
        .catch((error) => this.tools.report.failed(error));
      return true;
    }
    end(result);
    return true;
  }

  private fail<T>(error: unknown, end: (value?: T) => void): boolean {
    if (this.isDestroyed) return false;
    this.tools.report.failed(error);
    if (this.tools.module.onError === "skip") {
      end();
      return true;
    }
    this.isRequestDone = true;
    this.hasReplied = true;
    this.callbacks.sendLocalReply(500, "Internal Server Error", null, -1, "native_filter_error");
    return false;
  }

  onDestroy(): void {
    this.isDestroyed = true;
    this.context.end();
  }
}

function replaceBody(
  message: Message | null,
  buffered: BodyBuffer | null,
  add: (body: Uint8Array) => void,
): void {
  const replacement = message?.replacement;
  if (replacement == null) return;
  if (buffered === null) {
    if (replacement.length > 0) add(replacement);
    return;
  }
  buffered.clear();
  buffered.append(replacement);
}

class StreamContext implements RequestContext {
  readonly streamInfo: StreamInfo;
  readonly config: unknown;
  readonly log: Logger;
  private readonly clusters: Clusters;
  private readonly calls = new Set<HttpCall>();
  private abort: AbortController | null = null;

  constructor(streamInfo: StreamInfo, config: unknown, tools: AsyncFilterTools) {
    this.streamInfo = streamInfo;
    this.config = config;
    this.log = tools.log;
    this.clusters = tools.clusters;
  }

  get signal(): AbortSignal {
    this.abort ??= new AbortController();
    return this.abort.signal;
  }

  fetch(url: string, options: FetchOptions = {}): Promise<FetchResult> {
    const parts = CLUSTER_URL.exec(url);
    if (parts === null)
      return Promise.reject(new TypeError(`not a cluster://<name>/path URL: ${url}`));
    const cluster = parts[1]!;
    const body =
      typeof options.body === "string"
        ? new TextEncoder().encode(options.body)
        : (options.body ?? null);
    const headers = [
      ":method",
      options.method ?? (body === null ? "GET" : "POST"),
      ":path",
      parts[2] ?? "/",
      ":authority",
      cluster,
    ];
    for (const [name, value] of Object.entries(options.headers ?? {})) {
      const lower = name.toLowerCase();
      if (lower === "host") headers[5] = value;
      else headers.push(lower, value);
    }
    return new Promise((resolve, reject) => {
      const call = this.clusters.httpCall(
        { cluster, headers, body, timeoutMs: options.timeoutMs ?? DEFAULT_FETCH_TIMEOUT_MS },
        {
          onHttpCallSuccess: (responseHeaders, responseBody) => {
            if (call !== null) this.calls.delete(call);
            resolve(new CallResult(responseHeaders, responseBody));
          },
          onHttpCallFailure: (reason) => {
            if (call !== null) this.calls.delete(call);
            reject(new Error(`call to cluster ${cluster} failed: ${reason}`));
          },
        },
      );
      if (call === null) reject(new Error(`unknown cluster: ${cluster}`));
      else this.calls.add(call);
    });
  }

  end(): void {
    for (const call of this.calls) call.cancel();
    this.calls.clear();
    this.abort?.abort();
  }
}

class CallResult implements FetchResult {
  readonly headers: HeaderMap;
  readonly body: Uint8Array;
  readonly status: number;

  constructor(headers: HeaderMap, body: Uint8Array) {
    this.headers = headers;
    this.body = body;
    this.status = Number(headers.get(":status"));
  }

  text(): string {
    return new TextDecoder().decode(this.body);
  }
}
