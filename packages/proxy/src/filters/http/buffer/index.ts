/** envoy.filters.http.buffer: descriptor and configuration. */
import type {
  Buffer as BufferMessage,
  BufferPerRoute,
} from "@legate/envoy-api/envoy/extensions/filters/http/buffer/v3/buffer_pb.js";
import type { HttpFilterExtension } from "../../../extension.ts";
import { type BufferConfig, BufferFilter, type BufferRouteConfig } from "./filter.ts";

const PACKAGE = "envoy.extensions.filters.http.buffer.v3";

export const buffer: HttpFilterExtension<BufferConfig, BufferRouteConfig> = {
  name: "envoy.filters.http.buffer",
  configType: `${PACKAGE}.Buffer`,
  routeConfigType: `${PACKAGE}.BufferPerRoute`,
  honours: {
    [`${PACKAGE}.Buffer`]: ["max_request_bytes"],
    [`${PACKAGE}.BufferPerRoute`]: ["disabled", "buffer"],
  },
  isTerminal: false,
  parseConfig(message) {
    return { maxRequestBytes: (message as BufferMessage).maxRequestBytes ?? 0 };
  },
  parseRouteConfig(message) {
    const { override } = message as BufferPerRoute;
    if (override.case === "buffer")
      return { isDisabled: false, maxRequestBytes: override.value.maxRequestBytes ?? 0 };
    return { isDisabled: true };
  },
  createFactory: (config) => ({ create: (callbacks) => new BufferFilter(callbacks, config) }),
};
