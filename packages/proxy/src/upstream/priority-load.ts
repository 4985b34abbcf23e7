/**
 * Which hosts may be chosen: priorities by health, panic, degraded hosts last.
 * Source: §5.2 of the behaviour notes; envoy load_balancer_impl.cc.
 */
import type { UpstreamHost } from "./host.ts";

/** overprovisioning_factor 140 %. */
const OVERPROVISIONING = 1.4;

export interface EligibleHosts {
  readonly hosts: readonly UpstreamHost[];
  /** Share of requests, 0..100; all shares sum to 100 unless there are no hosts. */
  readonly load: number;
  readonly isPanic: boolean;
}

/** One entry per group that gets traffic: healthy hosts by priority, then degraded ones. */
export function eligibleHosts(
  hosts: readonly UpstreamHost[],
  panicThreshold: number,
): EligibleHosts[] {
  const priorities: UpstreamHost[][] = [];
  for (const host of hosts) {
    while (priorities.length <= host.priority) priorities.push([]);
    priorities[host.priority]!.push(host);
  }
  const healthy = priorities.map((group) => group.filter((host) => host.isHealthy()));
  const degraded = priorities.map((group) => group.filter((host) => host.isDegraded()));
  const share = (part: UpstreamHost[], i: number) => {
    const total = priorities[i]!.length;
    return total === 0 ? 0 : Math.min(100, (OVERPROVISIONING * 100 * part.length) / total);
  };
  const healthyShare = healthy.map(share);
  const degradedShare = degraded.map(share);
  const available = [...healthyShare, ...degradedShare].reduce((sum, part) => sum + part, 0);
  const total = Math.min(100, available);
  const groups: EligibleHosts[] = [];
  if (total === 0) {
    // Nothing is usable: every host is, each priority by its size.
    if (panicThreshold > 0 && hosts.length > 0)
      for (const group of priorities)
        if (group.length > 0)
          groups.push({ hosts: group, load: (100 * group.length) / hosts.length, isPanic: true });
    return groups;
  }
  let left = 100;
  const give = (part: UpstreamHost[], percent: number, i: number) => {
    const load = Math.min(left, (percent * 100) / total);
    if (load <= 0) return;
    left -= load;
    const usable = healthy[i]!.length + degraded[i]!.length;
    const isPanic = available < 100 && (usable * 100) / priorities[i]!.length < panicThreshold;
    groups.push({ hosts: isPanic ? priorities[i]! : part, load, isPanic });
  };
  for (const [i, percent] of healthyShare.entries()) give(healthy[i]!, percent, i);
  for (const [i, percent] of degradedShare.entries()) give(degraded[i]!, percent, i);
  return groups;
}
