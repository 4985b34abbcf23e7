/** All clusters of one worker, by name. */
import type { StatsScope } from "@legate/filter-sdk";
import type { EventLoop } from "../event-loop/event-loop.ts";
import { Http1CodecStats } from "../http/codecs/http1/stats.ts";
import { WorkerCluster } from "./cluster.ts";
import type { ClusterConfig } from "./cluster-config.ts";
import type { Cluster, ClusterManager as ClusterManagerContract } from "./contracts.ts";
import { DnsDiscovery } from "./dns.ts";
import type { UpstreamHost } from "./host.ts";
import { RESOURCE_LIMITS_BYTES } from "./resource-limits.ts";

export interface ClusterManagerTools {
  readonly loop: EventLoop;
  /** Root scope. */
  readonly stats: StatsScope;
  /** Memory shared by all workers under that name, zero-filled at first. */
  sharedMemory(name: string, bytes: number): SharedArrayBuffer;
  random(): number;
  /** Told once per worker and change: gauges such as membership are this worker's own. */
  onHostsChanged(cluster: WorkerCluster): void;
}

export class ClusterManager implements ClusterManagerContract {
  private readonly clusters = new Map<string, WorkerCluster>();
  private readonly discoveries: DnsDiscovery[] = [];
  private readonly tools: ClusterManagerTools;

  constructor(configs: readonly ClusterConfig[], tools: ClusterManagerTools) {
    this.tools = tools;
    for (const config of configs) this.add(config);
  }

  private add(config: ClusterConfig): void {
    const { tools } = this;
    const scope = tools.stats.scope(`cluster.${config.statName}`);
    const cluster = new WorkerCluster(
      config,
      scope,
      tools.sharedMemory(`cluster.${config.name}`, RESOURCE_LIMITS_BYTES),
      {
        loop: tools.loop,
        codec: config.codec,
        codecStats: new Http1CodecStats(scope),
        connectTimeoutMs: config.connectTimeoutMs,
        idleTimeoutMs: config.idleTimeoutMs,
        maxConnectionDurationMs: config.maxConnectionDurationMs,
        maxRequestsPerConnection: config.maxRequestsPerConnection,
        bufferLimitBytes: config.bufferLimitBytes,
        keepAlive: config.keepAlive,
      },
      () => tools.random(),
    );
    this.clusters.set(config.name, cluster);
    if (config.discovery === "static") {
      cluster.updateHosts(config.endpoints);
      tools.onHostsChanged(cluster);
      return;
    }
    const discovery = new DnsDiscovery(config, scope, (hosts) => {
      cluster.updateHosts(hosts);
      tools.onHostsChanged(cluster);
    });
    this.discoveries.push(discovery);
  }

  /** Resolves when every DNS cluster has asked for its names once. */
  async start(): Promise<void> {
    await Promise.all(this.discoveries.map((discovery) => discovery.start()));
  }

  get(name: string): Cluster | null {
    return this.clusters.get(name) ?? null;
  }

  worker(name: string): WorkerCluster | null {
    return this.clusters.get(name) ?? null;
  }

  all(): IterableIterator<WorkerCluster> {
    return this.clusters.values();
  }

  hostsOf(name: string): readonly UpstreamHost[] {
    return this.clusters.get(name)?.hosts ?? [];
  }

  close(): void {
    for (const discovery of this.discoveries) discovery.stop();
    for (const cluster of this.clusters.values()) cluster.close();
  }
}
