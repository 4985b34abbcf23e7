/** Limits the rate of requests by a token bucket of this proxy alone. */
import type { Clock, Counter, FilterCallbacks, HeaderMap, HttpFilter } from "@legate/filter-sdk";
import { FilterHeadersStatus, ResponseFlag } from "@legate/filter-sdk";
import type { TokenBucket } from "./token-bucket.ts";

export interface RateLimitStats {
  readonly enabled: Counter;
  readonly enforced: Counter;
  readonly ok: Counter;
  readonly rateLimited: Counter;
}

/** One configuration on one worker. */
export interface RateLimit {
  readonly stats: RateLimitStats;
  /** Null: no bucket configured, nothing is limited. */
  readonly bucket: TokenBucket | null;
  readonly maxTokens: number;
  /** A bucket for each connection instead of one for all. */
  bucketOf(connectionId: number): TokenBucket | null;
  readonly status: number;
  /** -1: mapped from the status. */
  readonly grpcStatus: number;
  readonly addsRateLimitHeaders: boolean;
  isEnabled(): boolean;
  isEnforced(): boolean;
  addRequestHeaders(headers: HeaderMap, callbacks: FilterCallbacks): void;
  addResponseHeaders(headers: HeaderMap, callbacks: FilterCallbacks): void;
}

export class LocalRateLimitFilter implements HttpFilter {
  private readonly callbacks: FilterCallbacks;
  private readonly clock: Clock;
  private readonly limit: RateLimit;
  private bucket: TokenBucket | null = null;
  private isLimited = false;

  constructor(callbacks: FilterCallbacks, limit: RateLimit, clock: Clock) {
    this.callbacks = callbacks;
    this.limit = limit;
    this.clock = clock;
  }

  decodeHeaders(headers: HeaderMap): FilterHeadersStatus {
    const { limit } = this;
    if (!limit.isEnabled()) return FilterHeadersStatus.Continue;
    limit.stats.enabled.inc();
    this.bucket = limit.bucketOf(this.callbacks.streamInfo.connectionId);
    if (this.bucket === null || this.bucket.take(this.clock.nowMs())) {
      limit.stats.ok.inc();
      return FilterHeadersStatus.Continue;
    }
    limit.stats.rateLimited.inc();
    if (!limit.isEnforced()) {
      limit.addRequestHeaders(headers, this.callbacks);
      return FilterHeadersStatus.Continue;
    }
    limit.stats.enforced.inc();
    this.isLimited = true;
    this.callbacks.streamInfo.responseFlags |= ResponseFlag.RateLimited;
    this.callbacks.sendLocalReply(
      limit.status,
      "local_rate_limited",
      null,
      limit.grpcStatus,
      "local_rate_limited",
    );
    return FilterHeadersStatus.StopIteration;
  }

  encodeHeaders(headers: HeaderMap): FilterHeadersStatus {
    const { bucket, limit } = this;
    if (this.isLimited) limit.addResponseHeaders(headers, this.callbacks);
    if (limit.addsRateLimitHeaders && bucket !== null) {
      const now = this.clock.nowMs();
      headers.set("x-ratelimit-limit", String(limit.maxTokens));
      headers.set("x-ratelimit-remaining", String(bucket.remaining(now)));
      headers.set("x-ratelimit-reset", String(Math.ceil(bucket.msToNextToken(now) / 1000)));
    }
    return FilterHeadersStatus.Continue;
  }
}
