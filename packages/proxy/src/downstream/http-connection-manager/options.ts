/** One HttpConnectionManager's configuration, ready to use: built once per worker, immutable. */
import type { StreamInfo } from "@legate/filter-sdk";
import type { EventLoop } from "../../event-loop/event-loop.ts";
import type { ConfiguredHttpFilter } from "../../filters/filter-chain-config.ts";
import type { RouteTable } from "../../router/route-table/contracts.ts";
import type { ClusterManager } from "../../upstream/contracts.ts";
import type { LocalReplyConfig } from "./local-reply.ts";
import type { PathOptions } from "./path-normalization.ts";
import type { RequestHeaderOptions } from "./request-headers.ts";
import type { ResponseHeaderOptions } from "./response-headers.ts";
import type { CodeStats, HcmStats } from "./stats.ts";

/** Writes one line (or whatever the logger does) per stream. */
export interface AccessLog {
  log(info: StreamInfo): void;
}

/** All times ms; 0 means off. */
export interface HcmTimeouts {
  /** common_http_protocol_options.idle_timeout, 1 h. */
  readonly idle: number;
  /** common_http_protocol_options.max_connection_duration. */
  readonly maxConnectionDuration: number;
  /** stream_idle_timeout, 5 min. */
  readonly streamIdle: number;
  readonly request: number;
  readonly requestHeaders: number;
  /** common_http_protocol_options.max_stream_duration. */
  readonly maxStreamDuration: number;
  /** delayed_close_timeout, 1 s. */
  readonly delayedClose: number;
  /** drain_timeout, 5 s. */
  readonly drain: number;
}

/** HTTP/1 options are the codec's own type; kept opaque here. */
export interface HcmOptions<CodecOptions = unknown> {
  readonly loop: EventLoop;
  readonly stats: HcmStats;
  /** `listener.<address>.http.<stat_prefix>.` */
  readonly listenerCodes: CodeStats;
  readonly filters: readonly ConfiguredHttpFilter[];
  readonly hasDisabledFilters: boolean;
  readonly routeTable: RouteTable | null;
  readonly clusterManager: ClusterManager;
  readonly accessLogs: readonly AccessLog[];
  readonly requestHeaders: RequestHeaderOptions;
  readonly responseHeaders: ResponseHeaderOptions;
  readonly path: PathOptions;
  readonly timeouts: HcmTimeouts;
  readonly localReply: LocalReplyConfig;
  readonly codec: CodecOptions;
  /** Body held per stream and direction, bytes; 0 for no limit. */
  readonly bufferLimitBytes: number;
  /** 0 for no limit. */
  readonly maxRequestsPerConnection: number;
  readonly proxies100Continue: boolean;
  readonly acceptsHttp10: boolean;
  /** A request without a host doesn't end its connection. */
  readonly keepsOnStreamError: boolean;
  /** "" for none. */
  readonly defaultHostForHttp10: string;
  readonly stripsTrailingHostDot: boolean;
  readonly stripsAnyHostPort: boolean;
  /** strip_matching_host_port: the listener's port; 0 for off. */
  readonly strippedHostPort: number;
  /** Upgrade types that the connection manager allows, lowercase. */
  readonly upgrades: ReadonlyMap<string, boolean>;
  readonly filterChainName: string | null;
  /** The chance that a response carries `connection: close`, 0..1, while draining. */
  drainCloseChance(): number;
}
