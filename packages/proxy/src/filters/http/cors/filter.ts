/** Answers CORS preflights and marks cross-origin responses, by the policies of route and virtual host. */
import type { Counter, FilterCallbacks, HeaderMap, HttpFilter } from "@legate/filter-sdk";
import { FilterHeadersStatus } from "@legate/filter-sdk";

/** A CorsPolicy, ready to use. Empty texts are unset. */
export interface CorsPolicy {
  /** Null: the policy says nothing of origins. */
  readonly allowsOrigin: ((origin: string) => boolean) | null;
  readonly allowMethods: string;
  readonly allowHeaders: string;
  readonly exposeHeaders: string;
  readonly maxAge: string;
  /** Null when unset. */
  readonly allowCredentials: boolean | null;
  readonly allowPrivateNetwork: boolean | null;
  readonly forwardNotMatchingPreflights: boolean | null;
  /** Decided anew for each request: the fraction of requests in force. */
  isEnabled(): boolean;
  isShadowEnabled(): boolean;
}

export interface CorsStats {
  readonly originValid: Counter;
  readonly originInvalid: Counter;
}

export class CorsFilter implements HttpFilter {
  private readonly callbacks: FilterCallbacks;
  private readonly stats: CorsStats;
  /** Most specific first. */
  private policies: readonly CorsPolicy[] = [];
  private origin = "";
  private isCorsRequest = false;

  constructor(callbacks: FilterCallbacks, stats: CorsStats) {
    this.callbacks = callbacks;
    this.stats = stats;
  }

  decodeHeaders(headers: HeaderMap): FilterHeadersStatus {
    this.policies = [...this.callbacks.routeConfigs<CorsPolicy>()].reverse();
    const policy = this.policies[0];
    if (policy === undefined) return FilterHeadersStatus.Continue;
    const isEnabled = policy.isEnabled();
    if (!isEnabled && !policy.isShadowEnabled()) return FilterHeadersStatus.Continue;
    this.origin = headers.get("origin") ?? "";
    if (this.origin === "") return FilterHeadersStatus.Continue;
    const isAllowed = this.isOriginAllowed();
    (isAllowed ? this.stats.originValid : this.stats.originInvalid).inc();
    if (!isEnabled) return FilterHeadersStatus.Continue;
    const isPreflight =
      headers.get(":method") === "OPTIONS" &&
      (headers.get("access-control-request-method") ?? "") !== "";
    if (!isAllowed) {
      const forwards = this.first((candidate) => candidate.forwardNotMatchingPreflights) ?? true;
      if (!isPreflight || forwards) return FilterHeadersStatus.Continue;
      this.callbacks.sendLocalReply(200, "", null, -1, "cors_response");
      return FilterHeadersStatus.StopIteration;
    }
    this.isCorsRequest = true;
    if (!isPreflight) return FilterHeadersStatus.Continue;
    this.answerPreflight(headers);
    return FilterHeadersStatus.StopIteration;
  }

  private answerPreflight(headers: HeaderMap): void {
    const reply = ["access-control-allow-origin", this.origin];
    if (this.first((policy) => policy.allowCredentials))
      reply.push("access-control-allow-credentials", "true");
    const methods = this.firstText((policy) => policy.allowMethods);
    if (methods !== "") reply.push("access-control-allow-methods", methods);
    const allowHeaders = this.firstText((policy) => policy.allowHeaders);
    if (allowHeaders !== "") reply.push("access-control-allow-headers", allowHeaders);
    const maxAge = this.firstText((policy) => policy.maxAge);
    if (maxAge !== "") reply.push("access-control-max-age", maxAge);
    const asksPrivateNetwork = headers.get("access-control-request-private-network") === "true";
    if (asksPrivateNetwork && this.first((policy) => policy.allowPrivateNetwork))
      reply.push("access-control-allow-private-network", "true");
    this.callbacks.sendLocalReply(200, "", reply, -1, "cors_response");
  }

  encodeHeaders(headers: HeaderMap): FilterHeadersStatus {
    if (!this.isCorsRequest) return FilterHeadersStatus.Continue;
    headers.set("access-control-allow-origin", this.origin);
    if (this.first((policy) => policy.allowCredentials))
      headers.set("access-control-allow-credentials", "true");
    const expose = this.firstText((policy) => policy.exposeHeaders);
    if (expose !== "") headers.set("access-control-expose-headers", expose);
    return FilterHeadersStatus.Continue;
  }

  private isOriginAllowed(): boolean {
    const allows = this.first((policy) => policy.allowsOrigin);
    return allows?.(this.origin) ?? false;
  }

  /** The value of the most specific policy that has one. */
  private first<T>(read: (policy: CorsPolicy) => T | null): T | null {
    for (const policy of this.policies) {
      const value = read(policy);
      if (value !== null) return value;
    }
    return null;
  }

  private firstText(read: (policy: CorsPolicy) => string): string {
    for (const policy of this.policies) {
      const value = read(policy);
      if (value !== "") return value;
    }
    return "";
  }
}
