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
  {
    case: /^http1-responses\/status (?:99|099|1000|20)$/,
    what: "",
    reason: "Envoy passes on status codes that HTTP doesn't have; we answer 502.",
  },
  {
    case: "upstream/early complete answer while the request goes on",
    what: "downstream_cx_destroy_",
    reason:
      "We end our side once the answer is written, so that the client closes; Envoy waits for delayed_close_timeout.",
  },
  ...["rx=", 'body "abc"'].map((what) => ({
    case: /^http1-(?:options\/bad chunk after the request was forwarded|inputs\/chunk missing CRLF)$/,
    what,
    reason:
      "Body bytes before a malformed chunk in the same read have gone on already; Envoy drops them.",
  })),
];
