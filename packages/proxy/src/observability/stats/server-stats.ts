/** The process' own stats, `server.*`: what is known at the start and what each flush renews. */
import { memoryUsage } from "node:process";
import type { Gauge, Histogram } from "@legate/filter-sdk";
import type { StatsRegistry } from "./registry.ts";
import type { ThreadStats } from "./thread-stats.ts";

/** Numbers of admin.v3.ServerInfo.State. */
export const ServerState = { Live: 0, Draining: 1, PreInitializing: 2, Initializing: 3 } as const;
export type ServerState = (typeof ServerState)[keyof typeof ServerState];

const ZERO_COUNTERS = [
  "debug_assertion_failures",
  "dynamic_unknown_fields",
  "envoy_bug_failures",
  "envoy_notifications",
  "dropped_stat_flushes",
  "static_unknown_fields",
  "wip_protos",
];

/** Used by the main thread alone. */
export class ServerStats {
  private readonly registry: StatsRegistry;
  private readonly startMs = performance.now();
  private readonly live: Gauge;
  private readonly state: Gauge;
  private readonly uptime: Gauge;
  private readonly memoryAllocated: Gauge;
  private readonly memoryHeapSize: Gauge;
  private readonly memoryPhysicalSize: Gauge;
  private readonly totalConnections: Gauge;
  private readonly initializationTimeMs: Histogram;

  constructor(stats: ThreadStats, registry: StatsRegistry, concurrency: number) {
    this.registry = registry;
    const scope = stats.scope("server.");
    this.live = scope.gauge("live");
    this.state = scope.gauge("state");
    this.uptime = scope.gauge("uptime");
    this.memoryAllocated = scope.gauge("memory_allocated");
    this.memoryHeapSize = scope.gauge("memory_heap_size");
    this.memoryPhysicalSize = scope.gauge("memory_physical_size");
    this.totalConnections = scope.gauge("total_connections");
    this.initializationTimeMs = scope.histogram("initialization_time_ms");
    for (const name of ZERO_COUNTERS) scope.counter(name);
    scope.gauge("concurrency").set(concurrency);
    scope.gauge("parent_connections").set(0);
    scope.gauge("hot_restart_epoch").set(0);
    scope.gauge("hot_restart_generation").set(1);
    scope.gauge("days_until_first_cert_expiring").set(0xffff_ffff);
    scope.gauge("seconds_until_first_ocsp_response_expiring").set(0);
    scope.gauge("stats_recent_lookups").set(0);
    scope.gauge("version").set(0);
    scope.gauge("compilation_settings.fips_mode").set(0);
    this.setState(ServerState.PreInitializing);
  }

  /** live is 1 while the state is LIVE. */
  setState(state: ServerState): void {
    this.state.set(state);
    this.live.set(state === ServerState.Live ? 1 : 0);
  }

  /** Called once, when the server became live. */
  onInitialized(): void {
    this.initializationTimeMs.record(Math.round(performance.now() - this.startMs));
  }

  /** Renews what only main can know; call before each registry.flush() and each /stats. */
  update(): void {
    const memory = memoryUsage();
    this.uptime.set(Math.floor((performance.now() - this.startMs) / 1000));
    this.memoryAllocated.set(memory.heapUsed + memory.external);
    this.memoryHeapSize.set(memory.heapTotal + memory.external);
    this.memoryPhysicalSize.set(memory.rss);
    let connections = 0;
    for (const [name, gauge] of this.registry.gauges) {
      if (isListenerConnections(name)) connections += gauge.value;
    }
    this.totalConnections.set(connections);
  }
}

/** `listener.<address>.downstream_cx_active`, not that of a worker. */
function isListenerConnections(name: string): boolean {
  return (
    name.startsWith("listener.") &&
    name.endsWith(".downstream_cx_active") &&
    !name.startsWith("listener.admin.") &&
    !/\.worker_\d+\.downstream_cx_active$/.test(name)
  );
}
