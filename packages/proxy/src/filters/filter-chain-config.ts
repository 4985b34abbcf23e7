/** The HTTP filters of one HttpConnectionManager as its streams use them. */
import type { HttpFilterFactory } from "@legate/filter-sdk";

export interface ConfiguredHttpFilter {
  /** The name in config: key of per-route configuration. */
  readonly name: string;
  readonly factory: HttpFilterFactory;
  /** HttpFilter.disabled: off unless a route enables it. */
  readonly isDisabled: boolean;
  readonly isTerminal: boolean;
}
