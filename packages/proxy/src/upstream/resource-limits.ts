/**
 * Circuit breakers: how many connections, pending requests, requests and retries a cluster may have
 * at once, counted in memory that all workers share.
 *
 * Layout, Int32 slots: [priority][resource] of { count, isOpen }; then one word "remaining_* were set".
 */
import type { Gauge, StatsScope } from "@legate/filter-sdk";
import type { ClusterStats } from "./cluster-stats.ts";
import type { CircuitBreakers, Priority } from "./contracts.ts";

/** Limits of one priority. Source: config.cluster.v3.CircuitBreakers.Thresholds. */
export interface Thresholds {
  readonly maxConnections: number;
  readonly maxPendingRequests: number;
  readonly maxRequests: number;
  readonly maxRetries: number;
  /** Null without retry_budget; then maxRetries is not used otherwise. */
  readonly retryBudget: { readonly percent: number; readonly minConcurrency: number } | null;
  readonly trackRemaining: boolean;
}

export const DEFAULT_THRESHOLDS: Thresholds = {
  maxConnections: 1024,
  maxPendingRequests: 1024,
  maxRequests: 1024,
  maxRetries: 3,
  retryBudget: null,
  trackRemaining: false,
};

const RESOURCES = 4;
const SLOTS_PER_PRIORITY = RESOURCES * 2;

/** Bytes of shared memory for one cluster. */
export const RESOURCE_LIMITS_BYTES = (2 * SLOTS_PER_PRIORITY + 1) * 4;

/** One counted resource. Limits are soft between workers, as in Envoy: test, then take. */
export class Resource {
  private readonly memory: Int32Array;
  private readonly countSlot: number;
  private readonly openSlot: number;
  private readonly limit: number;
  private readonly openGauge: Gauge;
  /** Null unless track_remaining. */
  private readonly remainingGauge: Gauge | null;

  constructor(
    memory: Int32Array,
    slot: number,
    limit: number,
    openGauge: Gauge,
    remainingGauge: Gauge | null,
  ) {
    this.memory = memory;
    this.countSlot = slot;
    this.openSlot = slot + 1;
    this.limit = limit;
    this.openGauge = openGauge;
    this.remainingGauge = remainingGauge;
  }

  /** Of all workers. */
  get count(): number {
    return Atomics.load(this.memory, this.countSlot);
  }

  get max(): number {
    return this.limit;
  }

  canTake(): boolean {
    return Atomics.load(this.memory, this.countSlot) < this.limit;
  }

  take(): void {
    const count = Atomics.add(this.memory, this.countSlot, 1) + 1;
    if (count >= this.limit) this.setOpen(1);
    if (this.remainingGauge !== null) this.remainingGauge.dec();
  }

  release(): void {
    const count = Atomics.sub(this.memory, this.countSlot, 1) - 1;
    if (count === this.limit - 1) this.setOpen(0);
    if (this.remainingGauge !== null) this.remainingGauge.inc();
  }

  /** The one worker that flips the flag moves its gauge, so that the sum over workers is 0 or 1. */
  private setOpen(open: 0 | 1): void {
    if (Atomics.compareExchange(this.memory, this.openSlot, 1 - open, open) !== 1 - open) return;
    if (open === 1) this.openGauge.inc();
    else this.openGauge.dec();
  }
}

/** The resources of one priority. */
export class PriorityLimits {
  readonly connections: Resource;
  readonly pendingRequests: Resource;
  readonly requests: Resource;
  readonly retries: Resource;
  readonly thresholds: Thresholds;

  constructor(memory: Int32Array, priority: Priority, thresholds: Thresholds, scope: StatsScope) {
    const first = priority * SLOTS_PER_PRIORITY;
    const track = thresholds.trackRemaining;
    const remaining = (name: string) => (track ? scope.gauge(name) : null);
    this.thresholds = thresholds;
    this.connections = new Resource(
      memory,
      first,
      thresholds.maxConnections,
      scope.gauge("cx_open"),
      remaining("remaining_cx"),
    );
    this.pendingRequests = new Resource(
      memory,
      first + 2,
      thresholds.maxPendingRequests,
      scope.gauge("rq_pending_open"),
      remaining("remaining_pending"),
    );
    this.requests = new Resource(
      memory,
      first + 4,
      thresholds.maxRequests,
      scope.gauge("rq_open"),
      remaining("remaining_rq"),
    );
    this.retries = new Resource(
      memory,
      first + 6,
      thresholds.maxRetries,
      scope.gauge("rq_retry_open"),
      remaining("remaining_retries"),
    );
    scope.gauge("cx_pool_open");
  }

  canRetry(): boolean {
    const budget = this.thresholds.retryBudget;
    if (budget === null) return this.retries.canTake();
    const active = this.requests.count + this.pendingRequests.count;
    const allowed = Math.max(budget.minConcurrency, Math.floor((budget.percent / 100) * active));
    return this.retries.count < allowed;
  }
}

/** Both priorities of a cluster. */
export class ResourceLimits implements CircuitBreakers {
  readonly priorities: readonly [PriorityLimits, PriorityLimits];
  private readonly stats: ClusterStats;

  /** `shared`: RESOURCE_LIMITS_BYTES, zero-filled at first, the same on all workers. */
  constructor(
    shared: SharedArrayBuffer,
    thresholds: readonly [Thresholds, Thresholds],
    stats: ClusterStats,
  ) {
    this.stats = stats;
    const memory = new Int32Array(shared);
    const scope = stats.scope.scope("circuit_breakers");
    this.priorities = [
      new PriorityLimits(memory, 0, thresholds[0], scope.scope("default")),
      new PriorityLimits(memory, 1, thresholds[1], scope.scope("high")),
    ];
    // Gauges are summed over workers, so one of them alone adds the starting level.
    if (Atomics.compareExchange(memory, 2 * SLOTS_PER_PRIORITY, 0, 1) !== 0) return;
    thresholds.forEach((limits, priority) => {
      if (!limits.trackRemaining) return;
      const gauges = scope.scope(priority === 0 ? "default" : "high");
      gauges.gauge("remaining_cx").add(limits.maxConnections);
      gauges.gauge("remaining_pending").add(limits.maxPendingRequests);
      gauges.gauge("remaining_rq").add(limits.maxRequests);
      gauges.gauge("remaining_retries").add(limits.maxRetries);
    });
  }

  tryAcquireRetry(priority: Priority): boolean {
    const limits = this.priorities[priority];
    if (limits.canRetry()) {
      limits.retries.take();
      return true;
    }
    this.stats.rqRetryOverflow.inc();
    return false;
  }

  releaseRetry(priority: Priority): void {
    this.priorities[priority].retries.release();
  }
}
