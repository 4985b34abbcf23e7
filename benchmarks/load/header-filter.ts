/** The TypeScript filter of the benchmark: the synchronous level, one header each way. */
import {
  defineFilter,
  FilterHeadersStatus,
  type HeaderMap,
  type HttpFilter,
} from "@legate/filter-sdk";

class HeaderFilter implements HttpFilter {
  decodeHeaders(headers: HeaderMap): FilterHeadersStatus {
    headers.set("x-filter", "request");
    return FilterHeadersStatus.Continue;
  }

  encodeHeaders(headers: HeaderMap): FilterHeadersStatus {
    headers.set("x-filter", "response");
    return FilterHeadersStatus.Continue;
  }
}

export default defineFilter({
  createFactory: () => ({ create: () => new HeaderFilter() }),
});
