/** What a load-balancing policy is: it picks one of the hosts that the priority and panic rules left. */
import type { UpstreamHost } from "../host.ts";

export interface LoadBalancingPolicy {
  /** The hosts to pick from; called when their set or weights change. */
  setHosts(hosts: readonly UpstreamHost[]): void;
  /** Null when there are none. */
  pick(): UpstreamHost | null;
}

/** Makes a policy. `random` is uniform in [0, 1). */
export type CreatePolicy = (random: () => number) => LoadBalancingPolicy;

/** All weights equal? Then policies need no schedule. */
export function hasEqualWeights(hosts: readonly UpstreamHost[]): boolean {
  return hosts.every((host) => host.weight === hosts[0]!.weight);
}
