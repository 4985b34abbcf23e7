/** RANDOM: any host, each equally likely. */
import type { UpstreamHost } from "../../host.ts";
import type { LoadBalancingPolicy } from "../policy.ts";

export class Random implements LoadBalancingPolicy {
  private readonly random: () => number;
  private hosts: readonly UpstreamHost[] = [];

  constructor(random: () => number) {
    this.random = random;
  }

  setHosts(hosts: readonly UpstreamHost[]): void {
    this.hosts = hosts;
  }

  pick(): UpstreamHost | null {
    return this.hosts[Math.floor(this.random() * this.hosts.length)] ?? null;
  }
}
