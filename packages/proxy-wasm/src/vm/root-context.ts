/** A plugin in a VM: starts it, configures it, ticks, and receives the answers to its calls. */
import { BufferType, MapType } from "../abi/enums.ts";
import type { HeaderMap } from "../abi/header-map.ts";
import { BytesBuffer } from "./bytes-buffer.ts";
import type { Context } from "./context.ts";
import type {
  BodyBuffer,
  HostMetric,
  HostTimer,
  HttpCallCallbacks,
  HttpCallRequest,
  PluginHost,
} from "./host.ts";
import { FailState, type PluginVm, TRAPPED } from "./plugin-vm.ts";

/** Status of a failed call, read by proxy_get_status. Source: proxy-wasm-cpp-host, WasmResult::BrokenConnection. */
const BROKEN_CONNECTION = 11;

export class RootContext implements Context {
  readonly id: number;
  readonly vm: PluginVm;
  readonly host: PluginHost;
  readonly stream = null;
  readonly isLogging = false;
  readonly metrics = new Map<number, HostMetric>();
  /** What proxy_get_status answers. */
  statusCode = 0;
  statusMessage = "";
  /** Null except while the plugin may read its configuration. */
  private configuration: BodyBuffer | null = null;
  private readonly vmConfiguration: BodyBuffer;
  private answer: HttpCallAnswer | null = null;
  private readonly calls = new Map<number, { cancel(): void }>();
  private nextHttpToken = 4;
  private readonly nextMetricId = [4, 5, 6];
  private tickTimer: HostTimer | null = null;
  private tickPeriodMs = 0;
  private isPendingDone = false;
  private isGone = false;

  constructor(vm: PluginVm, host: PluginHost) {
    this.vm = vm;
    this.host = host;
    this.id = vm.newContextId();
    this.vmConfiguration = new BytesBuffer(vm.options.vmConfiguration);
    vm.contexts.set(this.id, this);
    vm.onFailure(() => this.release());
  }

  get root(): RootContext {
    return this;
  }

  /** Creates the context in the guest, starts and configures it; false when the guest refuses or traps. */
  start(configuration: Uint8Array): boolean {
    const { vm } = this;
    this.configuration = new BytesBuffer(configuration);
    vm.call("proxy_on_context_create", this, this.id, 0);
    const wasStarted = this.ask("proxy_on_vm_start", vm.options.vmConfiguration.length);
    const isConfigured = wasStarted && this.ask("proxy_on_configure", configuration.length);
    this.configuration = null;
    if (!wasStarted) vm.markFailed(FailState.StartFailed);
    else if (!isConfigured) vm.markFailed(FailState.ConfigureFailed);
    vm.runDeferred();
    return vm.isAlive;
  }

  /** An absent callback consents. */
  private ask(name: "proxy_on_vm_start" | "proxy_on_configure", size: number): boolean {
    const { vm } = this;
    if (!vm.isAlive) return false;
    if (vm.callbacks[name] === null) return true;
    const result = vm.call(name, this, this.id, size);
    return result !== 0 && result !== TRAPPED;
  }

  /** Ends the plugin: it may ask to be kept until proxy_done. */
  shutdown(): void {
    const { vm } = this;
    if (this.isGone || this.isPendingDone) return;
    const isDone =
      vm.callbacks.proxy_on_done === null || vm.call("proxy_on_done", this, this.id) !== 0;
    vm.runDeferred();
    if (isDone) this.delete();
    else this.isPendingDone = true;
  }

  /** proxy_done: false unless the plugin had asked to be kept. */
  finishDone(): boolean {
    if (!this.isPendingDone) return false;
    this.isPendingDone = false;
    this.vm.defer(() => this.delete());
    return true;
  }

  private delete(): void {
    if (this.isGone) return;
    this.vm.call("proxy_on_delete", this, this.id);
    this.vm.contexts.delete(this.id);
    this.vm.runDeferred();
    this.release();
  }

  /** Nothing calls the guest any more. */
  private release(): void {
    this.isGone = true;
    this.tickTimer?.stop();
    this.tickTimer = null;
    for (const call of this.calls.values()) call.cancel();
    this.calls.clear();
  }

  /** 0 stops the timer. */
  setTickPeriod(periodMs: number): void {
    this.tickTimer?.stop();
    this.tickTimer = null;
    this.tickPeriodMs = periodMs;
    if (periodMs > 0 && !this.isGone && this.vm.callbacks.proxy_on_tick !== null) this.armTick();
  }

  private armTick(): void {
    this.tickTimer = this.vm.host.startTimer(this.tickPeriodMs, onTick, this);
  }

  tick(): void {
    const { vm } = this;
    if (this.isGone) return;
    const timer = this.tickTimer;
    vm.call("proxy_on_tick", this, this.id);
    vm.runDeferred();
    // Unless the plugin has set another period meanwhile.
    if (!this.isGone && this.tickTimer === timer && this.tickPeriodMs > 0) this.armTick();
  }

  onQueueReady(token: number): void {
    if (this.isGone) return;
    this.vm.call("proxy_on_queue_ready", this, this.id, token);
    this.vm.runDeferred();
  }

  /** The call's token, or the negative of the status with which the host refuses it. */
  httpCall(request: HttpCallRequest): number {
    const token = this.nextHttpToken;
    const call = this.host.httpCall(request, new HttpCallReceiver(this, token));
    if (typeof call === "number") return -call;
    this.nextHttpToken += 4;
    this.calls.set(token, call);
    return token;
  }

  /** `answer` is null when the call failed. */
  onHttpCallDone(token: number, answer: HttpCallAnswer | null, reason: string): void {
    const { vm } = this;
    if (this.isGone || !this.calls.delete(token)) return;
    if (answer === null) {
      this.statusCode = BROKEN_CONNECTION;
      this.statusMessage = reason;
    }
    this.answer = answer;
    const headers = answer?.headers.size ?? 0;
    const body = answer?.body.length ?? 0;
    const trailers = answer?.trailers?.size ?? 0;
    vm.call("proxy_on_http_call_response", this, this.id, token, headers, body, trailers);
    this.answer = null;
    this.statusMessage = "";
    vm.runDeferred();
  }

  defineMetric(type: 0 | 1 | 2, name: string): number {
    const id = this.nextMetricId[type]!;
    this.nextMetricId[type] = id + 4;
    this.metrics.set(id, this.host.defineMetric(type, name));
    return id;
  }

  readableMap(type: number): HeaderMap | null {
    if (type === MapType.HttpCallResponseHeaders) return this.answer?.headers ?? null;
    if (type === MapType.HttpCallResponseTrailers) return this.answer?.trailers ?? null;
    return null;
  }

  writableMap(): HeaderMap | null {
    return null;
  }

  body(type: number): BodyBuffer | null {
    switch (type) {
      case BufferType.HttpCallResponseBody:
        return this.answer?.body ?? null;
      case BufferType.VmConfiguration:
        return this.vmConfiguration;
      case BufferType.PluginConfiguration:
        return this.configuration;
      default:
        return null;
    }
  }
}

export interface HttpCallAnswer {
  readonly headers: HeaderMap;
  readonly body: BodyBuffer;
  readonly trailers: HeaderMap | null;
}

class HttpCallReceiver implements HttpCallCallbacks {
  private readonly root: RootContext;
  private readonly token: number;

  constructor(root: RootContext, token: number) {
    this.root = root;
    this.token = token;
  }

  onHttpCallSuccess(headers: HeaderMap, body: Uint8Array, trailers: HeaderMap | null): void {
    this.root.onHttpCallDone(this.token, { headers, body: new BytesBuffer(body), trailers }, "");
  }

  onHttpCallFailure(reason: string): void {
    this.root.onHttpCallDone(this.token, null, reason);
  }
}

function onTick(root: RootContext): void {
  root.tick();
}
