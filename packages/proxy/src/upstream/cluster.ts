/** One cluster on one worker: hosts, load balancing, pools, circuit breakers. */
import type { StatsScope } from "@legate/filter-sdk";
import type { ResponseDecoder } from "../http/codec.ts";
import type { ClusterConfig } from "./cluster-config.ts";
import { ClusterStats } from "./cluster-stats.ts";
import { Http1Pool, type Http1PoolOptions } from "./connection-pool/http1-pool.ts";
import {
  type Cluster as ClusterContract,
  type LoadBalancerContext,
  NO_HOST,
  type PendingStream,
  type PoolCallbacks,
  type Priority,
} from "./contracts.ts";
import { type HostData, UpstreamHost } from "./host.ts";
import type { LoadBalancingPolicy } from "./load-balancing-policies/policy.ts";
import { type EligibleHosts, eligibleHosts } from "./priority-load.ts";
import { ResourceLimits } from "./resource-limits.ts";

interface Group extends EligibleHosts {
  readonly policy: LoadBalancingPolicy;
}

export class WorkerCluster implements ClusterContract {
  readonly name: string;
  readonly statName: string;
  readonly stats: StatsScope;
  readonly traffic: ClusterStats;
  readonly config: ClusterConfig;
  readonly circuitBreakers: ResourceLimits;
  private readonly poolOptions: Http1PoolOptions;
  private readonly random: () => number;
  private hostList: UpstreamHost[] = [];
  private groups: Group[] = [];

  constructor(
    config: ClusterConfig,
    scope: StatsScope,
    shared: SharedArrayBuffer,
    poolOptions: Omit<Http1PoolOptions, "stats">,
    random: () => number,
  ) {
    this.config = config;
    this.name = config.name;
    this.statName = config.statName;
    this.stats = scope;
    this.traffic = new ClusterStats(scope);
    this.circuitBreakers = new ResourceLimits(shared, config.thresholds, this.traffic);
    this.poolOptions = { ...poolOptions, stats: this.traffic };
    this.random = random;
  }

  get maxRequestsPerConnection(): number {
    return this.config.maxRequestsPerConnection;
  }

  get maxStreamDurationMs(): number {
    return this.config.maxStreamDurationMs;
  }

  get perConnectionBufferLimitBytes(): number {
    return this.config.bufferLimitBytes;
  }

  get metadata(): Readonly<Record<string, unknown>> | null {
    return this.config.metadata;
  }

  get hosts(): readonly UpstreamHost[] {
    return this.hostList;
  }

  /** Replaces the host set; hosts that stay keep their connections and counts. */
  updateHosts(data: readonly HostData[]): void {
    const known = new Map(this.hostList.map((host) => [host.address.text, host]));
    const next: UpstreamHost[] = [];
    for (const one of data) {
      const text = one.ip.includes(":") ? `[${one.ip}]:${one.port}` : `${one.ip}:${one.port}`;
      const existing = known.get(text);
      if (existing !== undefined && !next.includes(existing)) {
        existing.data = one;
        known.delete(text);
        next.push(existing);
      } else next.push(new UpstreamHost(this.name, one));
    }
    for (const gone of known.values()) gone.drain();
    this.hostList = next;
    this.groups = eligibleHosts(next, this.config.panicThreshold).map((group) => {
      const policy = this.config.createPolicy(this.random);
      policy.setHosts(group.hosts);
      return { ...group, policy };
    });
  }

  newStream(
    priority: Priority,
    context: LoadBalancerContext | null,
    decoder: ResponseDecoder,
    callbacks: PoolCallbacks,
  ): PendingStream | null | typeof NO_HOST {
    const host = this.chooseHost(context);
    if (host === null) {
      this.traffic.cxNoneHealthy.inc();
      return NO_HOST;
    }
    let pool = host.pools[priority] as Http1Pool | null;
    if (pool === null) {
      pool = new Http1Pool(host, this.circuitBreakers.priorities[priority], this.poolOptions);
      host.pools[priority] = pool;
    }
    return pool.newStream(decoder, callbacks);
  }

  private chooseHost(context: LoadBalancerContext | null): UpstreamHost | null {
    if (context !== null && context.overrideHost !== null) {
      const wanted = this.hostList.find((host) => host.address.text === context.overrideHost);
      if (wanted?.isHealthy()) return wanted;
    }
    let host = this.pick();
    if (context === null) return host;
    for (let i = 0; i < context.hostSelectionRetryCount; i++) {
      if (host === null || !context.shouldSelectAnotherHost(host)) break;
      host = this.pick();
    }
    return host;
  }

  private pick(): UpstreamHost | null {
    const { groups } = this;
    let group = groups[0];
    if (group === undefined) return null;
    if (groups.length > 1) {
      let left = this.random() * 100;
      for (const candidate of groups) {
        group = candidate;
        left -= candidate.load;
        if (left < 0) break;
      }
    }
    if (group.isPanic) this.traffic.lbHealthyPanic.inc();
    return group.policy.pick();
  }

  /** Ends all connections: the cluster is gone. */
  close(): void {
    for (const host of this.hostList) for (const pool of host.pools) pool?.close();
  }
}
