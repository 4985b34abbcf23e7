/** What changes the course of a stream; all of it happens after the guest has returned. */
import { MAX_STREAM_TYPE, StreamType, WasmResult } from "../abi/enums.ts";
import { isHeaderText } from "../abi/header-map.ts";
import { readPairs } from "../abi/pairs.ts";
import type { PluginVm } from "../vm/plugin-vm.ts";
import { StreamContext } from "../vm/stream-context.ts";
import { hostcall, target } from "./hostcall.ts";

const MIN_CODE = 200;
const MAX_CODE = 999;
const MAX_GRPC_STATUS = 16;

/** The stream that calls act on; null from a plugin without one. */
function stream(vm: PluginVm): StreamContext | null {
  const context = target(vm);
  return context instanceof StreamContext ? context : null;
}

/** Lets a stopped request or response go on; a no-op for one that isn't. BadArgument for an unknown stream. */
export const continueStream = hostcall("proxy_continue_stream", (vm, type: number) => {
  if (type < 0 || type > MAX_STREAM_TYPE) return WasmResult.BadArgument;
  if (type === StreamType.HttpRequest) stream(vm)?.continueRequest();
  else if (type === StreamType.HttpResponse) stream(vm)?.continueResponse();
  return WasmResult.Ok;
});

/** ABI 0.1.0. */
export const continueRequest = hostcall("proxy_continue_request", (vm) => {
  stream(vm)?.continueRequest();
  return WasmResult.Ok;
});

/** ABI 0.1.0. */
export const continueResponse = hostcall("proxy_continue_response", (vm) => {
  stream(vm)?.continueResponse();
  return WasmResult.Ok;
});

/** Resets the stream. */
export const closeStream = hostcall("proxy_close_stream", (vm, type: number) => {
  if (type < 0 || type > MAX_STREAM_TYPE) return WasmResult.BadArgument;
  stream(vm)?.close();
  return WasmResult.Ok;
});

/** ABI 0.1.0; accepted from all. */
export const clearRouteCache = hostcall("proxy_clear_route_cache", (vm) => {
  target(vm).stream?.clearRouteCache();
  return WasmResult.Ok;
});

/**
 * Answers the request here. details and body: bytes; headers: pairs; grpcStatus: 0..16, others mean
 * none. BadArgument for a code outside 200..999, malformed pairs, or CR, LF, NUL in a header.
 */
export const sendLocalResponse = hostcall(
  "proxy_send_local_response",
  (
    vm,
    code: number,
    details: number,
    detailsSize: number,
    body: number,
    bodySize: number,
    headers: number,
    headersSize: number,
    grpcStatus: number,
  ) => {
    const { memory } = vm;
    const detailsText = memory.readLatin1(details, detailsSize);
    const bodyBytes = memory.copy(body, bodySize);
    if (detailsText === null || bodyBytes === null || !memory.contains(headers, headersSize))
      return WasmResult.InvalidMemoryAccess;
    const pairs = readPairs(memory.bytes, memory.view, headers >>> 0, headersSize >>> 0);
    if (pairs === null || !pairs.every(isHeaderText)) return WasmResult.BadArgument;
    if (code < MIN_CODE || code > MAX_CODE) return WasmResult.BadArgument;
    const grpc = grpcStatus >= 0 && grpcStatus <= MAX_GRPC_STATUS ? grpcStatus : -1;
    stream(vm)?.sendLocalResponse(code, bodyBytes, pairs, grpc, detailsText.replace(/\s/g, "_"));
    return WasmResult.Ok;
  },
);
