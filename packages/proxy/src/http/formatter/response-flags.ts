/** Response flags as access logs print them. Source: source/common/stream_info/utility.h. */
import { ResponseFlag } from "@legate/filter-sdk";

const SHORT_NAMES: Readonly<Record<keyof typeof ResponseFlag, string>> = {
  FailedLocalHealthCheck: "LH",
  NoHealthyUpstream: "UH",
  UpstreamRequestTimeout: "UT",
  LocalReset: "LR",
  UpstreamRemoteReset: "UR",
  UpstreamConnectionFailure: "UF",
  UpstreamConnectionTermination: "UC",
  UpstreamOverflow: "UO",
  NoRouteFound: "NR",
  DelayInjected: "DI",
  FaultInjected: "FI",
  RateLimited: "RL",
  UnauthorizedExternalService: "UAEX",
  RateLimitServiceError: "RLSE",
  DownstreamConnectionTermination: "DC",
  UpstreamRetryLimitExceeded: "URX",
  StreamIdleTimeout: "SI",
  InvalidEnvoyRequestHeaders: "IH",
  DownstreamProtocolError: "DPE",
  UpstreamMaxStreamDurationReached: "UMSDR",
  ResponseFromCacheFilter: "RFCF",
  NoFilterConfigFound: "NFCF",
  DurationTimeout: "DT",
  UpstreamProtocolError: "UPE",
  NoClusterFound: "NC",
  OverloadManagerTerminated: "OM",
  DnsResolutionFailed: "DF",
  DropOverload: "DO",
  DownstreamRemoteReset: "DR",
  UnconditionalDropOverload: "UDO",
};

const FLAGS = (Object.keys(ResponseFlag) as (keyof typeof ResponseFlag)[])
  .map((name) => ({ bit: ResponseFlag[name], short: SHORT_NAMES[name], long: name }))
  .sort((a, b) => a.bit - b.bit);

/** `URX,UC`; null when no bit is set. */
export function shortResponseFlags(bits: number): string | null {
  if (bits === 0) return null;
  return FLAGS.filter((flag) => bits & flag.bit)
    .map((flag) => flag.short)
    .join(",");
}

/** `UpstreamRetryLimitExceeded,UpstreamConnectionTermination`; null when no bit is set. */
export function longResponseFlags(bits: number): string | null {
  if (bits === 0) return null;
  return FLAGS.filter((flag) => bits & flag.bit)
    .map((flag) => flag.long)
    .join(",");
}

/** The bit of a short name (`UC`), 0 for an unknown one. */
export function responseFlagBit(short: string): number {
  return FLAGS.find((flag) => flag.short === short)?.bit ?? 0;
}
