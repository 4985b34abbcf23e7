/** What the library asks of whatever embeds it: a proxy, a web framework, a test. */
import type { LogLevel, MetricType, WasmResult } from "../abi/enums.ts";
import type { HeaderMap } from "../abi/header-map.ts";

/** Bytes of a body, as a plugin may read and change them. */
export interface BodyBuffer {
  /** Bytes. */
  readonly length: number;
  /** Copies bytes [start, start + count) to `target` at `offset`. */
  copyTo(target: Uint8Array, offset: number, start: number, count: number): number;
  /** Replaces `count` bytes at `start` by `bytes`, which it then owns; positions past the end append. */
  splice(start: number, count: number, bytes: Uint8Array): void;
}

/** A running timer. */
export interface HostTimer {
  stop(): void;
}

/** The thread that VMs live on. */
export interface VmHost {
  /** Wall clock, nanoseconds since the epoch. */
  nowNs(): bigint;
  monotonicNs(): bigint;
  /** Fills `target`, at most 64 KiB, with cryptographic randomness. */
  randomBytes(target: Uint8Array): void;
  /** Calls `fire(subject)` once after `delayMs`. */
  startTimer<T>(delayMs: number, fire: (subject: T) => void, subject: T): HostTimer;
  /** The level below which lines are dropped, 0 trace … 6 off. */
  logLevel(): number;
  /** A line of the host's own log: failures of the VM. */
  log(level: LogLevel, message: string): void;
  /** Data of this VM's vm_id, shared by all threads. */
  readonly sharedData: SharedData;
  readonly sharedQueues: SharedQueues;
}

/** Key-value data with compare-and-swap; keys are latin1 text. */
export interface SharedData {
  /** Null for an unknown key; the value is the caller's. */
  get(key: string): { readonly value: Uint8Array; readonly cas: number } | null;
  /** `cas` 0 writes whatever is there; another one only if it is the stored one, or the key is new. */
  set(key: string, value: Uint8Array, cas: number): WasmResult;
}

/** First-in first-out queues, process-wide; tokens start at 1. */
export interface SharedQueues {
  /** Makes the queue, or takes over its notifications: `onReady(token)` comes later, once per item. */
  register(vmId: string, name: string, onReady: (token: number) => void): number;
  /** 0 for an unknown queue. */
  resolve(vmId: string, name: string): number;
  enqueue(token: number, value: Uint8Array): WasmResult;
  /** NotFound for an unknown token, Empty for an empty queue. */
  dequeue(token: number): Uint8Array | WasmResult;
}

/** A metric that a plugin defined. */
export interface HostMetric {
  /** False when this kind can't do it. */
  increment(offset: bigint): boolean;
  record(value: bigint): void;
  /** Null for histograms. */
  value(): bigint | null;
}

export interface HttpCallRequest {
  readonly upstream: string;
  /** Names and values in turn. */
  readonly headers: readonly string[];
  readonly body: Uint8Array;
  readonly trailers: readonly string[];
  /** Ms; 0 for none. */
  readonly timeoutMs: number;
}

export interface HttpCallCallbacks {
  onHttpCallSuccess(headers: HeaderMap, body: Uint8Array, trailers: HeaderMap | null): void;
  onHttpCallFailure(reason: string): void;
}

/** One plugin: what is the same for all its streams. */
export interface PluginHost {
  /** A line of the plugin, without the names in front. */
  log(level: LogLevel, message: string): void;
  /** Serialised value, or the status that the plugin gets; only what needs no stream. */
  getProperty(path: readonly string[]): Uint8Array | WasmResult;
  defineMetric(type: MetricType, name: string): HostMetric;
  /** A status when the call isn't made. Never calls back at once. */
  httpCall(request: HttpCallRequest, callbacks: HttpCallCallbacks): { cancel(): void } | WasmResult;
  /** Null for an unknown name. `stream` is the current one, or null. */
  callForeignFunction(
    name: string,
    argument: Uint8Array,
    stream: StreamHost | null,
  ): Uint8Array | WasmResult | null;
}

/** One HTTP stream. Calls that change its course come after the guest returned. */
export interface StreamHost {
  continueRequest(): void;
  continueResponse(): void;
  resetStream(details: string): void;
  /** `headers`: names and values in turn; `grpcStatus` -1 for none. */
  sendLocalReply(
    code: number,
    body: Uint8Array,
    headers: readonly string[],
    grpcStatus: number,
    details: string,
  ): void;
  clearRouteCache(): void;
  getProperty(path: readonly string[]): Uint8Array | WasmResult;
  /** `path` as the guest gave it, NULs included. */
  setProperty(path: string, value: Uint8Array): WasmResult;
  /** Body held back for this direction; null when nothing is. */
  heldRequestBody(): BodyBuffer | null;
  heldResponseBody(): BodyBuffer | null;
  /** Makes trailers for a message that has none; only during its last body callback. */
  addRequestTrailers(): HeaderMap;
  addResponseTrailers(): HeaderMap;
}
