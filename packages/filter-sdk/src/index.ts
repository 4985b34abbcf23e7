/** The contract of an HTTP filter written in TypeScript. */
export type { BodyBuffer } from "./body-buffer.ts";
export type { Clusters, HttpCall, HttpCallCallbacks, HttpCallRequest } from "./clusters.ts";
export type { FactoryContext, HttpFilterFactory } from "./factory.ts";
export type { FilterCallbacks, HttpFilter } from "./filter.ts";
export type { HeaderMap } from "./header-map.ts";
export type { Logger } from "./logger.ts";
export type {
  FetchOptions,
  FetchResult,
  FilterModule,
  FilterReply,
  FilterRequest,
  FilterResponse,
  RequestContext,
} from "./module.ts";
export { defineFilter } from "./module.ts";
export type { Counter, Gauge, Histogram, StatsScope } from "./stats.ts";
export {
  FilterDataStatus,
  FilterHeadersStatus,
  FilterTrailersStatus,
  LocalReplyStatus,
} from "./statuses.ts";
export type { Address, StreamInfo } from "./stream-info.ts";
export { ResponseFlag } from "./stream-info.ts";
export type { Clock, Timer, Timers } from "./timers.ts";
