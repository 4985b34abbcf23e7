/** ROUND_ROBIN: in turn from a random start; by weight when weights differ. */
import type { UpstreamHost } from "../../host.ts";
import { EdfScheduler } from "../edf-scheduler.ts";
import { hasEqualWeights, type LoadBalancingPolicy } from "../policy.ts";

export class RoundRobin implements LoadBalancingPolicy {
  private readonly random: () => number;
  private hosts: readonly UpstreamHost[] = [];
  private index = 0;
  private schedule: EdfScheduler<UpstreamHost> | null = null;

  constructor(random: () => number) {
    this.random = random;
  }

  setHosts(hosts: readonly UpstreamHost[]): void {
    this.hosts = hosts;
    this.schedule = null;
    this.index = Math.floor(this.random() * hosts.length);
    if (hosts.length === 0 || hasEqualWeights(hosts)) return;
    this.schedule = new EdfScheduler();
    for (const host of hosts) this.schedule.add(host, host.weight);
    const skipped = Math.floor(this.random() * hosts.length);
    for (let i = 0; i < skipped; i++) this.schedule.next(weightOf);
  }

  pick(): UpstreamHost | null {
    if (this.schedule !== null) return this.schedule.next(weightOf);
    const { hosts } = this;
    if (hosts.length === 0) return null;
    if (this.index >= hosts.length) this.index = 0;
    return hosts[this.index++]!;
  }
}

function weightOf(host: UpstreamHost): number {
  return host.weight;
}
