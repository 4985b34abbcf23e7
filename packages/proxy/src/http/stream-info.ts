/** The record of one request: filled along the path, read by access logs, formatters and plugins. */
import type { Address, StreamInfo as StreamInfoContract } from "@legate/filter-sdk";
import type { HeaderMap } from "./header-map.ts";

let nextStreamId = 0;

export class StreamInfo implements StreamInfoContract {
  readonly connectionId: number;
  readonly streamId: number;
  readonly startTimeMs: number;
  readonly startMonotonicMs: number;
  lastDownstreamRxMs = -1;
  firstUpstreamTxMs = -1;
  lastUpstreamTxMs = -1;
  firstUpstreamRxMs = -1;
  lastUpstreamRxMs = -1;
  firstDownstreamTxMs = -1;
  lastDownstreamTxMs = -1;
  protocol: string | null = null;
  responseCode = 0;
  responseCodeDetails: string | null = null;
  responseFlags = 0;
  bytesReceived = 0;
  bytesSent = 0;
  requestHeaderBytes = 0;
  responseHeaderBytes = 0;
  downstreamLocalAddress: Address;
  downstreamRemoteAddress: Address;
  downstreamDirectRemoteAddress: Address;
  upstreamHostAddress: Address | null = null;
  upstreamHostName: string | null = null;
  upstreamLocalAddress: Address | null = null;
  upstreamCluster: string | null = null;
  upstreamProtocol: string | null = null;
  upstreamConnectionId = 0;
  upstreamTransportFailureReason: string | null = null;
  connectionTerminationDetails: string | null = null;
  attemptCount = 0;
  routeName: string | null = null;
  virtualHostName: string | null = null;
  filterChainName: string | null = null;
  localReplyBody: string | null = null;
  requestedServerName: string | null = null;
  dynamicMetadata: Map<string, Record<string, unknown>> | null = null;
  filterState: Map<string, unknown> | null = null;
  requestHeaders: HeaderMap | null = null;
  requestTrailers: HeaderMap | null = null;
  responseHeaders: HeaderMap | null = null;
  responseTrailers: HeaderMap | null = null;
  isHealthCheck = false;
  isComplete = false;

  constructor(
    connectionId: number,
    startTimeMs: number,
    startMonotonicMs: number,
    localAddress: Address,
    remoteAddress: Address,
  ) {
    this.connectionId = connectionId;
    this.streamId = ++nextStreamId;
    this.startTimeMs = startTimeMs;
    this.startMonotonicMs = startMonotonicMs;
    this.downstreamLocalAddress = localAddress;
    this.downstreamRemoteAddress = remoteAddress;
    this.downstreamDirectRemoteAddress = remoteAddress;
  }

  setDynamicMetadata(namespace: string, value: Record<string, unknown>): void {
    this.dynamicMetadata ??= new Map();
    const existing = this.dynamicMetadata.get(namespace);
    if (existing === undefined) this.dynamicMetadata.set(namespace, value);
    else Object.assign(existing, value);
  }

  setFilterState(key: string, value: unknown): void {
    this.filterState ??= new Map();
    this.filterState.set(key, value);
  }
}
