/** Counters of the HTTP/1 codecs. Source: envoy/source/common/http/http1/codec_stats.h. */
import type { Counter, StatsScope } from "@legate/filter-sdk";

export class Http1CodecStats {
  readonly droppedHeadersWithUnderscores: Counter;
  readonly requestsRejectedWithUnderscores: Counter;
  readonly responseFlood: Counter;
  readonly metadataNotSupported: Counter;

  /** Names are `http1.*` below `scope`: `http1.response_flood` in the bootstrap's own scope. */
  constructor(scope: StatsScope) {
    this.droppedHeadersWithUnderscores = scope.counter("http1.dropped_headers_with_underscores");
    this.requestsRejectedWithUnderscores = scope.counter(
      "http1.requests_rejected_with_underscores_in_headers",
    );
    this.responseFlood = scope.counter("http1.response_flood");
    this.metadataNotSupported = scope.counter("http1.metadata_not_supported_error");
  }
}
