/** Stands where a plugin is lost: requests get 503, or pass. */
import type { FilterCallbacks, HttpFilter } from "@legate/filter-sdk";
import { FilterHeadersStatus } from "@legate/filter-sdk";

const UNAVAILABLE = 14;

/** FAIL_CLOSED, and FAIL_RELOAD within its back-off. */
export class ClosedFilter implements HttpFilter {
  private readonly callbacks: FilterCallbacks;

  constructor(callbacks: FilterCallbacks) {
    this.callbacks = callbacks;
  }

  decodeHeaders(): FilterHeadersStatus {
    this.callbacks.sendLocalReply(503, "", null, UNAVAILABLE, "wasm_fail_stream");
    return FilterHeadersStatus.StopAllIterationAndWatermark;
  }
}

/** FAIL_OPEN. */
export class OpenFilter implements HttpFilter {}
