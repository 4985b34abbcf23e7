/** One plugin's side of the proxy: its log lines, metrics, calls and what it may know without a stream. */
import type { HttpCall } from "@legate/filter-sdk";
import type {
  HostMetric,
  HttpCallCallbacks,
  HttpCallRequest,
  LogLevel,
  MetricType,
  PluginHost,
  StreamHost,
} from "@legate/proxy-wasm";
import { WasmResult } from "@legate/proxy-wasm";
import { callForeignFunction } from "./foreign-functions.ts";
import { defineMetric } from "./metrics.ts";
import type { WasmPluginConfig } from "./plugin-config.ts";
import { type PluginThread, writeLog } from "./plugin-thread.ts";
import { pluginProperty } from "./properties.ts";

export class ProxyPluginHost implements PluginHost {
  readonly thread: PluginThread;
  readonly config: WasmPluginConfig;
  private readonly prefix: string;

  constructor(thread: PluginThread, config: WasmPluginConfig) {
    this.thread = thread;
    this.config = config;
    const names = [config.name, config.rootId, config.vmId].filter((name) => name !== "");
    this.prefix = `${["wasm log", ...names].join(" ")}: `;
  }

  log(level: LogLevel, message: string): void {
    if (level >= this.thread.log.level) writeLog(this.thread.log, level, this.prefix + message);
  }

  getProperty(path: readonly string[]): Uint8Array | WasmResult {
    return pluginProperty(path, this);
  }

  defineMetric(type: MetricType, name: string): HostMetric {
    return defineMetric(this.thread.stats, type, name);
  }

  httpCall(request: HttpCallRequest, callbacks: HttpCallCallbacks): HttpCall | WasmResult {
    const { upstream, headers, body, trailers, timeoutMs } = request;
    const call = this.thread.clusters.httpCall(
      { cluster: upstream, headers, body, trailers, timeoutMs },
      callbacks,
    );
    if (call === null) return WasmResult.BadArgument;
    if (!call.isRefused) return call;
    call.cancel();
    return WasmResult.InternalFailure;
  }

  callForeignFunction(
    name: string,
    argument: Uint8Array,
    stream: StreamHost | null,
  ): Uint8Array | WasmResult | null {
    return callForeignFunction(name, argument, stream);
  }
}
