/** What main and workers say to each other; all plain data. */

import type { HostData } from "../../upstream/host.ts";
import type { HostCounts } from "../admin/sources.ts";
import type { ServerOptions } from "../options.ts";

/** Given to a worker when it starts. */
export interface WorkerStart {
  readonly index: number;
  readonly concurrency: number;
  readonly options: ServerOptions;
  /** This machine's address, for x-forwarded-for of loopback peers. */
  readonly ownAddress: string;
  /** A serialised Bootstrap, known to be good. */
  readonly bootstrap: Uint8Array;
  readonly shared: ReadonlyMap<string, SharedArrayBuffer>;
  /** What files of the configuration held when it was checked, by path. */
  readonly data: ReadonlyMap<string, Uint8Array>;
  /** Int32: health check failing (0, 1); then draining since, in s since the epoch (0: not). */
  readonly flags: SharedArrayBuffer;
  readonly node: { readonly id: string; readonly cluster: string; readonly zone: string };
}

export type ToWorker =
  /** Ports to listen on, by listener. */
  | { readonly kind: "listen"; readonly ports: readonly number[] }
  | { readonly kind: "clusters"; readonly id: number }
  | {
      readonly kind: "levels";
      readonly levels: readonly (readonly [name: string, level: string])[];
    }
  | { readonly kind: "reopen" }
  /** Stop accepting, let requests end, then leave. */
  | { readonly kind: "drain"; readonly deadlineMs: number };

export interface HostReport {
  readonly data: HostData;
  readonly counts: HostCounts;
}

export type FromWorker =
  | { readonly kind: "built" }
  | { readonly kind: "listening"; readonly ports: readonly number[] }
  | { readonly kind: "failed"; readonly message: string }
  | {
      readonly kind: "clusters";
      readonly id: number;
      readonly hosts: readonly (readonly [cluster: string, hosts: readonly HostReport[]])[];
    }
  | { readonly kind: "drained" };
