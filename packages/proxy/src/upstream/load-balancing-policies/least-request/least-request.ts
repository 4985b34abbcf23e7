/** LEAST_REQUEST: the less busy of two random hosts; by weight and load when weights differ. */
import type { UpstreamHost } from "../../host.ts";
import { EdfScheduler } from "../edf-scheduler.ts";
import { hasEqualWeights, type LoadBalancingPolicy } from "../policy.ts";

export class LeastRequest implements LoadBalancingPolicy {
  private readonly random: () => number;
  /** choice_count, 2 by default. */
  private readonly choiceCount: number;
  private hosts: readonly UpstreamHost[] = [];
  private schedule: EdfScheduler<UpstreamHost> | null = null;

  constructor(random: () => number, choiceCount: number) {
    this.random = random;
    this.choiceCount = choiceCount;
  }

  setHosts(hosts: readonly UpstreamHost[]): void {
    this.hosts = hosts;
    this.schedule = null;
    if (hosts.length === 0 || hasEqualWeights(hosts)) return;
    this.schedule = new EdfScheduler();
    for (const host of hosts) this.schedule.add(host, loadedWeightOf(host));
  }

  pick(): UpstreamHost | null {
    if (this.schedule !== null) return this.schedule.next(loadedWeightOf);
    const { hosts } = this;
    if (hosts.length === 0) return null;
    let best = hosts[Math.floor(this.random() * hosts.length)]!;
    for (let i = 1; i < this.choiceCount; i++) {
      const other = hosts[Math.floor(this.random() * hosts.length)]!;
      if (other.activeRequests < best.activeRequests) best = other;
    }
    return best;
  }
}

/** active_request_bias 1: each request under way halves, thirds … a host's share. */
function loadedWeightOf(host: UpstreamHost): number {
  return host.weight / (host.activeRequests + 1);
}
