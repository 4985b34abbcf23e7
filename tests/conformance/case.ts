/** What a conformance case is: a configuration, steps of a client, a scripted origin, and what is compared. */

/**
 * Configuration of one listener, as YAML texts merged over a plain base (mappings merge, lists and
 * scalars replace). Cases with equal texts share a listener and run one after the other on it.
 *
 * Placeholders: `$ID` a name unique to this listener (use it in names of clusters, stat prefixes,
 * plugins), `$CLUSTER` its default cluster, `$ORIGIN_PORT`, `$ORIGIN2_PORT`, `$ORIGIN3_PORT`
 * ports of its scripted origins, `$DEAD_PORT` a port where nobody listens, `$ROOT` the repository.
 */
export interface CaseConfig {
  /** Fields of HttpConnectionManager. */
  readonly hcm?: string;
  /** List of routes of the one virtual host `*`; default: everything to `$CLUSTER`. */
  readonly routes?: string;
  /** List of virtual hosts, instead of `routes`. */
  readonly virtualHosts?: string;
  /** Further fields of RouteConfiguration. */
  readonly routeConfig?: string;
  /** Further fields of the virtual host that holds `routes`. */
  readonly virtualHost?: string;
  /** List of HTTP filters that stand before the router. */
  readonly filters?: string;
  /** Fields of the Router filter's config. */
  readonly router?: string;
  /** Fields of `$CLUSTER`, merged over a STATIC cluster with one endpoint, `$ORIGIN_PORT`. */
  readonly cluster?: string;
  /** List of further clusters. */
  readonly clusters?: string;
  /** Fields of the listener. */
  readonly listener?: string;
  /** Fields of the bootstrap. Cases with equal texts share a process. */
  readonly bootstrap?: string;
  /** Further operators for the access log line. */
  readonly log?: string;
}

/** A piece of what an origin does with one request: bytes (latin1) to send, or an action. */
export type OriginPiece =
  | string
  | { readonly pauseMs: number }
  /** Ends its side after the bytes. */
  | "close"
  /** Ends the connection with RST. */
  | "reset"
  /** Sends back what arrives from now on (after an upgrade). */
  | "echo";

/** What the origin does with one request; by default when the whole request has arrived. */
export interface OriginAnswer {
  /** `headers`: answers as soon as the head has arrived. */
  readonly when?: "headers" | "request";
  readonly pieces: readonly OriginPiece[];
}

/** A request as an origin saw it. */
export interface SeenRequest {
  /** 1, 2 or 3: which of the listener's origins. */
  readonly origin: number;
  readonly line: string;
  readonly method: string;
  readonly path: string;
  /** In order of arrival, names as written. */
  readonly headers: readonly (readonly [name: string, value: string])[];
}

/** `index` counts requests of this case, over all origins, from 0. */
export type OriginScript = OriginAnswer | ((request: SeenRequest, index: number) => OriginAnswer);

/** One thing that the client does. Connections are opened at their first use; text is latin1. */
export type Step =
  | { readonly do: "send"; readonly text: string; readonly on: number }
  /** Waits until `count` final responses are complete, in all, on this connection, or it is closed. */
  | { readonly do: "responses"; readonly count: number; readonly on: number }
  /** Waits until the response text (as far as received) contains this. */
  | { readonly do: "text"; readonly text: string; readonly on: number }
  | { readonly do: "closed"; readonly on: number }
  /** Waits until nothing has happened for a while, anywhere. */
  | { readonly do: "quiet"; readonly ms: number }
  /** Waits until the origins have seen the heads of `count` requests of this case, in all. */
  | { readonly do: "originSaw"; readonly count: number }
  /** Waits until the proxy has closed `count` upstream connections of this case, in all. */
  | { readonly do: "originClosed"; readonly count: number }
  | { readonly do: "pause"; readonly ms: number }
  /** Half-closes the client's side. */
  | { readonly do: "end"; readonly on: number }
  /** Ends the client's connection with RST. */
  | { readonly do: "abort"; readonly on: number }
  /** Asks the admin server, and puts the answer's body lines that match into the transcript. */
  | { readonly do: "admin"; readonly method: string; readonly path: string };

export interface ConformanceCase {
  /** Unique; a path of words: `group/what it shows`. */
  readonly name: string;
  readonly config?: CaseConfig;
  readonly steps: readonly Step[];
  /** An upstream connection is open and idle when the case begins. */
  readonly isWarm?: boolean;
  /** Default: 200 with the body `ok`. */
  readonly origin?: OriginScript;
  /** Parts of the transcript that are compared; default: client, origin and log. */
  readonly compare?: readonly ("client" | "origin" | "log")[];
  /** Stats of this listener (names contain `$ID`) that match: their changes are compared. */
  readonly stats?: RegExp;
  /** Lines of the proxy's own log that match are compared, without their prefix in brackets. */
  readonly proxyLog?: RegExp;
  /** Further replacements in each line of the transcript, for what truly varies. */
  readonly normalise?: readonly (readonly [RegExp, string])[];
  /** Default 10 s. */
  readonly timeoutMs?: number;
}

export const send = (text: string, on = 0): Step => ({ do: "send", text, on });
export const responses = (count = 1, on = 0): Step => ({ do: "responses", count, on });
export const text = (text: string, on = 0): Step => ({ do: "text", text, on });
export const closed = (on = 0): Step => ({ do: "closed", on });
export const quiet = (ms = 200): Step => ({ do: "quiet", ms });
export const originSaw = (count = 1): Step => ({ do: "originSaw", count });
export const originClosed = (count = 1): Step => ({ do: "originClosed", count });
export const pause = (ms: number): Step => ({ do: "pause", ms });
export const end = (on = 0): Step => ({ do: "end", on });
export const abort = (on = 0): Step => ({ do: "abort", on });
export const admin = (path: string, method = "GET"): Step => ({ do: "admin", method, path });

/** Raw bytes of whatever kind: sends them and watches until nothing more happens. */
export const raw = (bytes: string): Step[] => [send(bytes), quiet()];

/** A request without a body, `Host: h.com` unless the headers (lines with CRLF) name one. */
export function get(path: string, headers = "", method = "GET"): string {
  const host = /^host:/im.test(headers) ? "" : "Host: h.com\r\n";
  return `${method} ${path} HTTP/1.1\r\n${host}${headers}\r\n`;
}

/** A request with a body of known length. */
export function post(path: string, body: string, headers = ""): string {
  return `${get(path, `${headers}Content-Length: ${body.length}\r\n`, "POST")}${body}`;
}

/** Requests one after the other on one connection, each sent when the one before is answered. */
export function exchange(...requests: string[]): Step[] {
  return requests.flatMap((request, i) => [send(request), responses(i + 1)]);
}

/** An answer of the origin with a body of known length. */
export function answer(status: number, headers = "", body = "ok"): OriginAnswer {
  return {
    pieces: [`HTTP/1.1 ${status} X\r\n${headers}Content-Length: ${body.length}\r\n\r\n${body}`],
  };
}

/** An answer in raw bytes, then whatever else. */
export const rawAnswer = (...pieces: OriginPiece[]): OriginAnswer => ({ pieces });

/** The origin takes the request and never answers. */
export const SILENT: OriginAnswer = { pieces: [] };
