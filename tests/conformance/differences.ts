/** Known differences from Envoy, each with its reason. One that no longer shows makes the run fail too. */

export interface Difference {
  /** Name of the case, or a pattern for several. */
  readonly case: string | RegExp;
  /** A differing line (`section - left` or `section + right`) is covered when it contains this. */
  readonly what: string;
  readonly reason: string;
}

export const differences: readonly Difference[] = [
  {
    case: "wasm-go/queue: items come back",
    what: "root-queue",
    reason:
      "Envoy leaves the plugin's name out of lines logged in proxy_on_queue_ready; we name the plugin.",
  },
];
