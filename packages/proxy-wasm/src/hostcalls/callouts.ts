/** Calls to clusters. */
import { WasmResult } from "../abi/enums.ts";
import { isHeaderText } from "../abi/header-map.ts";
import { readPairs } from "../abi/pairs.ts";
import { giveU32, hostcall, target } from "./hostcall.ts";

/**
 * upstream: a cluster's name; headers and trailers: pairs; timeoutMs: 0 for none. The token goes to
 * proxy_on_http_call_response of the root context. BadArgument for an unknown cluster, a missing
 * pseudo header, malformed pairs or a negative timeout; InternalFailure when the cluster refuses at once. Source: Proxy-Wasm ABI 0.2.1, HTTP calls.
 */
export const httpCall = hostcall(
  "proxy_http_call",
  (
    vm,
    upstream: number,
    upstreamSize: number,
    headers: number,
    headersSize: number,
    body: number,
    bodySize: number,
    trailers: number,
    trailersSize: number,
    timeoutMs: number,
    tokenAddress: number,
  ) => {
    const { memory } = vm;
    const name = memory.readLatin1(upstream, upstreamSize);
    const bytes = memory.copy(body, bodySize);
    if (
      name === null ||
      bytes === null ||
      !memory.contains(headers, headersSize) ||
      !memory.contains(trailers, trailersSize) ||
      giveU32(vm, tokenAddress, 0) !== WasmResult.Ok
    )
      return WasmResult.InvalidMemoryAccess;
    const headerPairs = readPairs(memory.bytes, memory.view, headers >>> 0, headersSize >>> 0);
    const trailerPairs = readPairs(memory.bytes, memory.view, trailers >>> 0, trailersSize >>> 0);
    if (headerPairs === null || trailerPairs === null || timeoutMs < 0)
      return WasmResult.BadArgument;
    if (![...headerPairs, ...trailerPairs].every(isHeaderText)) return WasmResult.BadArgument;
    const token = target(vm).root.httpCall({
      upstream: name,
      headers: headerPairs,
      body: bytes,
      trailers: trailerPairs,
      timeoutMs,
    });
    return token < 0 ? -token : giveU32(vm, tokenAddress, token);
  },
);

/** gRPC services can't be called from this version: ParseFailure, which every SDK expects. */
const refuseGrpc = (): WasmResult => WasmResult.ParseFailure;

export const grpcCall = hostcall("proxy_grpc_call", refuseGrpc);
export const grpcStream = hostcall("proxy_grpc_stream", refuseGrpc);
/** No token was ever given: NotFound. */
const unknownToken = (): WasmResult => WasmResult.NotFound;
export const grpcSend = hostcall("proxy_grpc_send", unknownToken);
export const grpcCancel = hostcall("proxy_grpc_cancel", unknownToken);
export const grpcClose = hostcall("proxy_grpc_close", unknownToken);
