/** Functions beyond the ABI that plugins call by name. Source: Envoy, source/extensions/common/wasm/foreign.cc. */
import { deflateSync, inflateSync } from "node:zlib";
import { type StreamHost, WasmResult } from "@legate/proxy-wasm";

/** Most bytes that `uncompress` may give. */
const MAX_OUTPUT_BYTES = 16 * 1024 * 1024;

/** Returns the result's bytes or a status; null for an unknown name. */
export function callForeignFunction(
  name: string,
  argument: Uint8Array,
  stream: StreamHost | null,
): Uint8Array | WasmResult | null {
  switch (name) {
    case "compress":
      return deflateSync(argument);
    case "uncompress":
      try {
        return inflateSync(argument, { maxOutputLength: MAX_OUTPUT_BYTES });
      } catch {
        // Not a zlib stream, or one that unpacks to too much.
        return WasmResult.SerializationFailure;
      }
    case "clear_route_cache":
      stream?.clearRouteCache();
      return WasmResult.Ok;
    default:
      return null;
  }
}
