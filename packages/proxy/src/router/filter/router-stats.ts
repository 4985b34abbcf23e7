/** The router's counters below `http.<stat_prefix>.`. Source: router.h, ALL_ROUTER_STATS. */
import type { Counter, StatsScope } from "@legate/filter-sdk";

export class RouterStats {
  readonly noRoute: Counter;
  readonly noCluster: Counter;
  readonly rqTotal: Counter;
  readonly rqDirectResponse: Counter;
  readonly rqRedirect: Counter;
  readonly rqResetAfterResponseStarted: Counter;

  constructor(scope: StatsScope) {
    this.noRoute = scope.counter("no_route");
    this.noCluster = scope.counter("no_cluster");
    this.rqTotal = scope.counter("rq_total");
    this.rqDirectResponse = scope.counter("rq_direct_response");
    this.rqRedirect = scope.counter("rq_redirect");
    this.rqResetAfterResponseStarted = scope.counter("rq_reset_after_downstream_response_started");
    scope.counter("rq_overload_local_reply");
    for (const name of [
      "bad_location",
      "no_route",
      "predicate",
      "too_many_redirects",
      "unsafe_scheme",
    ])
      scope.counter(`passthrough_internal_redirect_${name}`);
  }
}
