/** The header map of the data path: two parallel arrays, searched from the front. */
import type { HeaderMap as HeaderMapContract } from "@legate/filter-sdk";

/**
 * Names of which Envoy keeps one value, joining repeated ones with `,`.
 * Source: envoy/http/header_map.h, INLINE_REQ_* and INLINE_RESP_*; checked against the binary.
 */
const INLINE_NAMES: ReadonlySet<string> = new Set([
  ":authority",
  ":method",
  ":path",
  ":protocol",
  ":scheme",
  ":status",
  "authorization",
  "connection",
  "content-length",
  "content-type",
  "date",
  "expect",
  "forwarded",
  "grpc-message",
  "grpc-status",
  "grpc-timeout",
  "host",
  "keep-alive",
  "location",
  "proxy-connection",
  "proxy-status",
  "server",
  "te",
  "transfer-encoding",
  "upgrade",
  "user-agent",
  "via",
  "x-forwarded-for",
  "x-forwarded-host",
  "x-forwarded-port",
  "x-forwarded-proto",
  "x-forwarded-client-cert",
  "x-request-id",
  "x-client-trace-id",
  "x-envoy-attempt-count",
  "x-envoy-decorator-operation",
  "x-envoy-degraded",
  "x-envoy-downstream-service-cluster",
  "x-envoy-downstream-service-node",
  "x-envoy-expected-rq-timeout-ms",
  "x-envoy-external-address",
  "x-envoy-force-trace",
  "x-envoy-hedge-on-per-try-timeout",
  "x-envoy-immediate-health-check-fail",
  "x-envoy-internal",
  "x-envoy-is-timeout-retry",
  "x-envoy-max-retries",
  "x-envoy-original-path",
  "x-envoy-overloaded",
  "x-envoy-ratelimited",
  "x-envoy-retriable-header-names",
  "x-envoy-retriable-status-codes",
  "x-envoy-retry-grpc-on",
  "x-envoy-retry-on",
  "x-envoy-upstream-alt-stat-name",
  "x-envoy-upstream-canary",
  "x-envoy-upstream-healthchecked-cluster",
  "x-envoy-upstream-rq-per-try-timeout-ms",
  "x-envoy-upstream-rq-timeout-alt-response",
  "x-envoy-upstream-rq-timeout-ms",
  "x-envoy-upstream-service-time",
]);

export class HeaderMap implements HeaderMapContract {
  /** Lowercase names; entry i is names[i], values[i]. Codecs read and fill both directly. */
  readonly names: string[] = [];
  readonly values: string[] = [];

  get size(): number {
    return this.names.length;
  }

  get byteSize(): number {
    const { names, values } = this;
    let bytes = 0;
    for (let i = 0; i < names.length; i++) bytes += names[i]!.length + values[i]!.length;
    return bytes;
  }

  get(name: string): string | undefined {
    const i = this.names.indexOf(name === "host" ? ":authority" : name);
    return i < 0 ? undefined : this.values[i];
  }

  getAll(name: string): string[] {
    const found: string[] = [];
    const wanted = name === "host" ? ":authority" : name;
    const { names, values } = this;
    for (let i = 0; i < names.length; i++) if (names[i] === wanted) found.push(values[i]!);
    return found;
  }

  has(name: string): boolean {
    return this.names.includes(name === "host" ? ":authority" : name);
  }

  set(name: string, value: string): void {
    const wanted = name === "host" ? ":authority" : name;
    const { names, values } = this;
    const first = names.indexOf(wanted);
    if (first < 0) {
      names.push(wanted);
      values.push(value);
      return;
    }
    values[first] = value;
    if (names.indexOf(wanted, first + 1) >= 0) this.removeFrom(wanted, first + 1);
  }

  add(name: string, value: string): void {
    const wanted = name === "host" ? ":authority" : name;
    if (INLINE_NAMES.has(wanted)) {
      const i = this.names.indexOf(wanted);
      if (i >= 0) {
        this.values[i] = this.values[i] === "" ? value : `${this.values[i]},${value}`;
        return;
      }
    }
    this.append(wanted, value);
  }

  /** Adds an entry at the end whatever its name: for callers that know it is new. */
  append(name: string, value: string): void {
    this.names.push(name);
    this.values.push(value);
  }

  /** Adds an entry in front: pseudo headers. */
  prepend(name: string, value: string): void {
    this.names.unshift(name);
    this.values.unshift(value);
  }

  remove(name: string): number {
    const wanted = name === "host" ? ":authority" : name;
    const first = this.names.indexOf(wanted);
    return first < 0 ? 0 : this.removeFrom(wanted, first);
  }

  private removeFrom(name: string, start: number): number {
    const { names, values } = this;
    let kept = start;
    for (let i = start; i < names.length; i++) {
      if (names[i] === name) continue;
      names[kept] = names[i]!;
      values[kept] = values[i]!;
      kept++;
    }
    const removed = names.length - kept;
    names.length = kept;
    values.length = kept;
    return removed;
  }

  nameAt(index: number): string {
    return this.names[index] ?? "";
  }

  valueAt(index: number): string {
    return this.values[index] ?? "";
  }

  replaceAll(pairs: readonly string[]): void {
    this.names.length = 0;
    this.values.length = 0;
    for (let i = 0; i + 1 < pairs.length; i += 2) this.add(pairs[i]!, pairs[i + 1]!);
  }

  *entries(): IterableIterator<[string, string]> {
    for (let i = 0; i < this.names.length; i++) yield [this.names[i]!, this.values[i]!];
  }

  /** A copy that shares nothing: for shadows, retries and internal redirects. */
  clone(): HeaderMap {
    const copy = new HeaderMap();
    for (let i = 0; i < this.names.length; i++) copy.append(this.names[i]!, this.values[i]!);
    return copy;
  }
}
