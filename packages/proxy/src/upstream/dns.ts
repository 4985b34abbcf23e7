/** STRICT_DNS and LOGICAL_DNS: names to hosts, again and again. */
import { lookup } from "node:dns/promises";
import type { StatsScope } from "@legate/filter-sdk";
import type { ClusterConfig } from "./cluster-config.ts";
import type { HostData } from "./host.ts";

/** Resolves one cluster's names; hosts stay as they are while a name can't be resolved. */
export class DnsDiscovery {
  private readonly config: ClusterConfig;
  private readonly onHosts: (hosts: readonly HostData[]) => void;
  private readonly attempts;
  private readonly successes;
  private readonly failures;
  private readonly empties;
  private readonly last: HostData[][];
  private timer: NodeJS.Timeout | null = null;
  private isStopped = false;

  constructor(
    config: ClusterConfig,
    scope: StatsScope,
    onHosts: (hosts: readonly HostData[]) => void,
  ) {
    this.config = config;
    this.onHosts = onHosts;
    this.attempts = scope.counter("update_attempt");
    this.successes = scope.counter("update_success");
    this.failures = scope.counter("update_failure");
    this.empties = scope.counter("update_empty");
    this.last = config.endpoints.map(() => []);
  }

  /** Resolves once all names were asked for once, whatever came of it. */
  async start(): Promise<void> {
    await Promise.all(this.config.endpoints.map((_, i) => this.resolve(i)));
    if (this.isStopped) return;
    this.onHosts(this.last.flat());
    this.schedule();
  }

  private schedule(): void {
    this.timer = setTimeout(() => {
      this.start().catch(() => this.schedule());
    }, this.config.dnsRefreshMs);
    this.timer.unref();
  }

  private async resolve(index: number): Promise<void> {
    const endpoint = this.config.endpoints[index]!;
    this.attempts.inc();
    try {
      const found = await lookup(endpoint.ip, {
        all: true,
        family: this.config.dnsFamily,
        order: "ipv6first",
      });
      this.successes.inc();
      const family = found[0]?.family;
      const ips = found.filter((one) => one.family === family).map((one) => one.address);
      if (ips.length === 0) this.empties.inc();
      const used = this.config.discovery === "logical_dns" ? ips.slice(0, 1) : ips;
      this.last[index] = used.map((ip) => ({ ...endpoint, ip }));
    } catch {
      this.failures.inc();
    }
  }

  stop(): void {
    this.isStopped = true;
    if (this.timer !== null) clearTimeout(this.timer);
  }
}
