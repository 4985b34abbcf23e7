/** Adds and removes headers, query parameters and trailers by configuration. */
import type { FilterCallbacks, HeaderMap, HttpFilter, StreamInfo } from "@legate/filter-sdk";
import { FilterHeadersStatus, FilterTrailersStatus } from "@legate/filter-sdk";

/** A compiled list of mutations. */
export type Mutate = (headers: HeaderMap, info: StreamInfo) => void;

/** Null where a part has no mutations. */
export interface Mutations {
  readonly request: Mutate | null;
  readonly query: Mutate | null;
  readonly response: Mutate | null;
  readonly requestTrailers: Mutate | null;
  readonly responseTrailers: Mutate | null;
}

export interface HeaderMutationConfig {
  readonly mutations: Mutations;
  readonly mostSpecificWins: boolean;
}

export class HeaderMutationFilter implements HttpFilter {
  private readonly callbacks: FilterCallbacks;
  private readonly config: HeaderMutationConfig;
  /** Of the route's levels, in order of evaluation; null until first used. */
  private routeMutations: readonly Mutations[] | null = null;

  constructor(callbacks: FilterCallbacks, config: HeaderMutationConfig) {
    this.callbacks = callbacks;
    this.config = config;
  }

  decodeHeaders(headers: HeaderMap): FilterHeadersStatus {
    this.apply("request", headers);
    this.apply("query", headers);
    return FilterHeadersStatus.Continue;
  }

  decodeTrailers(trailers: HeaderMap): FilterTrailersStatus {
    this.apply("requestTrailers", trailers);
    return FilterTrailersStatus.Continue;
  }

  encodeHeaders(headers: HeaderMap): FilterHeadersStatus {
    this.apply("response", headers);
    return FilterHeadersStatus.Continue;
  }

  encodeTrailers(trailers: HeaderMap): FilterTrailersStatus {
    this.apply("responseTrailers", trailers);
    return FilterTrailersStatus.Continue;
  }

  /** The filter's own mutations first, then the route's levels; the last one to write wins. */
  private apply(part: keyof Mutations, headers: HeaderMap): void {
    const { streamInfo } = this.callbacks;
    this.config.mutations[part]?.(headers, streamInfo);
    if (this.routeMutations === null) {
      const levels = this.callbacks.routeConfigs<Mutations>();
      this.routeMutations = this.config.mostSpecificWins ? levels : [...levels].reverse();
    }
    for (const mutations of this.routeMutations) mutations[part]?.(headers, streamInfo);
  }
}
