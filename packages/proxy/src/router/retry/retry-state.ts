/** Whether and when a request is sent again. One per request whose route or headers ask for retries. */

import { ResetReason } from "../../http/codec.ts";
import type { HeaderMap } from "../../http/header-map.ts";
import type { ClusterStats } from "../../upstream/cluster-stats.ts";
import type { CircuitBreakers, Priority } from "../../upstream/contracts.ts";
import type { RetryPolicy } from "../route-table/contracts.ts";
import { grpcRetryBit, parseRetryOn, RetryOn } from "./retry-on.ts";

export const RetryDecision = { No: 0, NoOverflow: 1, NoLimit: 2, Yes: 3 } as const;
export type RetryDecision = (typeof RetryDecision)[keyof typeof RetryDecision];

export class RetryState {
  private readonly policy: RetryPolicy | null;
  private readonly breakers: CircuitBreakers;
  private readonly stats: ClusterStats;
  private readonly priority: Priority;
  private readonly random: () => number;
  private readonly retryOn: number;
  private left: number;
  private retries = 0;
  private holdsBudget = false;

  private constructor(
    policy: RetryPolicy | null,
    retryOn: number,
    retries: number,
    breakers: CircuitBreakers,
    stats: ClusterStats,
    priority: Priority,
    random: () => number,
  ) {
    this.policy = policy;
    this.retryOn = retryOn;
    this.left = retries;
    this.breakers = breakers;
    this.stats = stats;
    this.priority = priority;
    this.random = random;
  }

  /** Null when nothing asks for retries. Internal requests may ask by headers. */
  static create(
    policy: RetryPolicy | null,
    headers: HeaderMap,
    isInternal: boolean,
    breakers: CircuitBreakers,
    stats: ClusterStats,
    priority: Priority,
    random: () => number,
  ): RetryState | null {
    let retryOn = policy?.retryOn ?? 0;
    let retries = policy?.numRetries ?? 1;
    if (isInternal) {
      retryOn |= parseRetryOn(headers.get("x-envoy-retry-on") ?? "");
      retryOn |= parseRetryOn(headers.get("x-envoy-retry-grpc-on") ?? "");
      const most = headers.get("x-envoy-max-retries");
      if (most !== undefined && /^\d{1,9}$/.test(most)) retries = Number(most);
    }
    if (retryOn === 0) return null;
    if (policy !== null && !policy.matchesRetriableRequestHeaders(headers)) return null;
    return new RetryState(policy, retryOn, retries, breakers, stats, priority, random);
  }

  /** `code` and headers of a response that has begun. */
  onResponse(code: number, headers: HeaderMap): RetryDecision {
    return this.decide(this.wantsResponse(code, headers));
  }

  private wantsResponse(code: number, headers: HeaderMap): boolean {
    const { retryOn } = this;
    if (headers.has("x-envoy-ratelimited")) return (retryOn & RetryOn.RateLimited) !== 0;
    if (code >= 500 && (retryOn & RetryOn.ServerError) !== 0) return true;
    if (code >= 502 && code <= 504 && (retryOn & RetryOn.GatewayError) !== 0) return true;
    if (code === 409 && (retryOn & RetryOn.Retriable4xx) !== 0) return true;
    if ((retryOn & RetryOn.StatusCodes) !== 0 && this.policy?.retriableStatusCodes.includes(code))
      return true;
    if ((retryOn & RetryOn.Headers) !== 0 && this.policy?.matchesRetriableHeaders(headers))
      return true;
    const grpc = headers.get("grpc-status");
    return grpc !== undefined && (retryOn & grpcRetryBit(Number(grpc))) !== 0;
  }

  /** The attempt was reset; `hasSent`: some of the request may have reached the upstream. */
  onReset(reason: ResetReason, hasSent: boolean): RetryDecision {
    return this.decide(this.wantsReset(reason, hasSent));
  }

  private wantsReset(reason: ResetReason, hasSent: boolean): boolean {
    const { retryOn } = this;
    if (reason === ResetReason.Overflow) return false;
    if ((retryOn & (RetryOn.ServerError | RetryOn.GatewayError | RetryOn.Reset)) !== 0) return true;
    if ((retryOn & RetryOn.ResetBeforeRequest) !== 0 && !hasSent) return true;
    if ((retryOn & RetryOn.RefusedStream) !== 0 && reason === ResetReason.RefusedStream)
      return true;
    const isConnectFailure =
      reason === ResetReason.LocalConnectionFailure ||
      reason === ResetReason.RemoteConnectionFailure ||
      reason === ResetReason.ConnectionTimeout;
    return isConnectFailure && (retryOn & RetryOn.ConnectFailure) !== 0;
  }

  onPerTryTimeout(): RetryDecision {
    return this.decide((this.retryOn & (RetryOn.ServerError | RetryOn.GatewayError)) !== 0);
  }

  private decide(wanted: boolean): RetryDecision {
    this.release();
    if (!wanted) {
      if (this.retries > 0) this.stats.rqRetrySuccess.inc();
      return RetryDecision.No;
    }
    if (this.left === 0) {
      this.stats.rqRetryLimitExceeded.inc();
      return RetryDecision.NoLimit;
    }
    this.left--;
    if (!this.breakers.tryAcquireRetry(this.priority)) return RetryDecision.NoOverflow;
    this.holdsBudget = true;
    this.retries++;
    this.stats.rqRetry.inc();
    this.stats.rqRetryBackoffExponential.inc();
    return RetryDecision.Yes;
  }

  /** Ms until the next attempt: uniform below (2^n − 1) × base, at most the maximum. */
  backoffMs(): number {
    const base = this.policy?.baseIntervalMs ?? 25;
    const most = this.policy?.maxIntervalMs ?? base * 10;
    return Math.min(most, this.random() * (2 ** Math.min(this.retries, 30) - 1) * base);
  }

  /** Gives back what this retry holds of the budget. */
  release(): void {
    if (!this.holdsBudget) return;
    this.holdsBudget = false;
    this.breakers.releaseRetry(this.priority);
  }
}
