/** The one boundary around a TypeScript filter: whatever it throws becomes a 500 or is skipped. */
import type {
  BodyBuffer,
  Counter,
  FilterCallbacks,
  HeaderMap,
  HttpFilter,
  Logger,
} from "@legate/filter-sdk";
import { FilterDataStatus, FilterHeadersStatus, FilterTrailersStatus } from "@legate/filter-sdk";

/** Logs and counts what a filter threw. */
export class FailureReporter {
  private readonly name: string;
  private readonly log: Logger;
  private readonly errors: Counter;

  constructor(name: string, log: Logger, errors: Counter) {
    this.name = name;
    this.log = log;
    this.errors = errors;
  }

  failed(error: unknown): void {
    this.errors.inc();
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    this.log.error(`filter ${this.name} failed: ${text}`);
  }
}

/** Wraps the callbacks of `inner`. After a failure nothing of it is called again, onDestroy excepted. */
export class GuardedFilter implements HttpFilter {
  private readonly callbacks: FilterCallbacks;
  private readonly inner: HttpFilter;
  private readonly report: FailureReporter;
  private readonly skipsOnError: boolean;
  private hasFailed = false;

  constructor(
    callbacks: FilterCallbacks,
    inner: HttpFilter,
    report: FailureReporter,
    skipsOnError: boolean,
  ) {
    this.callbacks = callbacks;
    this.inner = inner;
    this.report = report;
    this.skipsOnError = skipsOnError;
  }

  decodeHeaders(headers: HeaderMap, endStream: boolean): FilterHeadersStatus {
    if (this.hasFailed || this.inner.decodeHeaders === undefined)
      return FilterHeadersStatus.Continue;
    try {
      return this.inner.decodeHeaders(headers, endStream);
    } catch (error) {
      return this.fail(error) ? FilterHeadersStatus.StopIteration : FilterHeadersStatus.Continue;
    }
  }

  decodeData(data: BodyBuffer, endStream: boolean): FilterDataStatus {
    if (this.hasFailed || this.inner.decodeData === undefined) return FilterDataStatus.Continue;
    try {
      return this.inner.decodeData(data, endStream);
    } catch (error) {
      return this.fail(error) ? FilterDataStatus.StopIterationNoBuffer : FilterDataStatus.Continue;
    }
  }

  decodeTrailers(trailers: HeaderMap): FilterTrailersStatus {
    if (this.hasFailed || this.inner.decodeTrailers === undefined)
      return FilterTrailersStatus.Continue;
    try {
      return this.inner.decodeTrailers(trailers);
    } catch (error) {
      return this.fail(error) ? FilterTrailersStatus.StopIteration : FilterTrailersStatus.Continue;
    }
  }

  encodeHeaders(headers: HeaderMap, endStream: boolean): FilterHeadersStatus {
    if (this.hasFailed || this.inner.encodeHeaders === undefined)
      return FilterHeadersStatus.Continue;
    try {
      return this.inner.encodeHeaders(headers, endStream);
    } catch (error) {
      return this.fail(error) ? FilterHeadersStatus.StopIteration : FilterHeadersStatus.Continue;
    }
  }

  encodeData(data: BodyBuffer, endStream: boolean): FilterDataStatus {
    if (this.hasFailed || this.inner.encodeData === undefined) return FilterDataStatus.Continue;
    try {
      return this.inner.encodeData(data, endStream);
    } catch (error) {
      return this.fail(error) ? FilterDataStatus.StopIterationNoBuffer : FilterDataStatus.Continue;
    }
  }

  encodeTrailers(trailers: HeaderMap): FilterTrailersStatus {
    if (this.hasFailed || this.inner.encodeTrailers === undefined)
      return FilterTrailersStatus.Continue;
    try {
      return this.inner.encodeTrailers(trailers);
    } catch (error) {
      return this.fail(error) ? FilterTrailersStatus.StopIteration : FilterTrailersStatus.Continue;
    }
  }

  onStreamComplete(): void {
    if (!this.hasFailed) this.run(() => this.inner.onStreamComplete?.());
  }

  onAccessLog(): void {
    if (!this.hasFailed) this.run(() => this.inner.onAccessLog?.());
  }

  onDestroy(): void {
    this.run(() => this.inner.onDestroy?.());
  }

  private run(call: () => void): void {
    try {
      call();
    } catch (error) {
      this.report.failed(error);
    }
  }

  /** True: the request was answered with 500. */
  private fail(error: unknown): boolean {
    this.hasFailed = true;
    this.report.failed(error);
    if (this.skipsOnError) return false;
    this.callbacks.sendLocalReply(500, "Internal Server Error", null, -1, "native_filter_error");
    return true;
  }
}
