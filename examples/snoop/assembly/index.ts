/** Snoop: a Proxy-Wasm plugin that logs every header of each request and response. */

@external("env", "proxy_log")
declare function proxy_log(level: u32, ptr: usize, size: usize): u32;
@external("env", "proxy_get_header_map_pairs")
declare function proxy_get_header_map_pairs(mapType: u32, ptrOut: usize, sizeOut: usize): u32;

const LEVEL_INFO: u32 = 2;
const MAP_REQUEST_HEADERS: u32 = 0;
const MAP_RESPONSE_HEADERS: u32 = 2;
const ACTION_CONTINUE: u32 = 0;

/** Where the host writes the address and the size of what it returns. */
const result: usize = memory.data(8);

export function proxy_abi_version_0_2_1(): void {}

/** The host allocates what it returns with this; the plugin frees it. */
export function proxy_on_memory_allocate(size: usize): usize {
  return heap.alloc(size);
}

export function proxy_on_context_create(_contextId: u32, _parentId: u32): void {}

export function proxy_on_request_headers(_contextId: u32, _count: u32, _endOfStream: u32): u32 {
  logPairs(MAP_REQUEST_HEADERS, "request  ");
  return ACTION_CONTINUE;
}

export function proxy_on_response_headers(_contextId: u32, _count: u32, _endOfStream: u32): u32 {
  logPairs(MAP_RESPONSE_HEADERS, "response ");
  return ACTION_CONTINUE;
}

/**
 * Header maps arrive as: count (u32), then for each pair the lengths of name and value (u32 each),
 * then for each pair name, 0, value, 0.
 */
function logPairs(mapType: u32, prefix: string): void {
  if (proxy_get_header_map_pairs(mapType, result, result + 4) != 0) return;
  const pairs = <usize>load<u32>(result);
  if (pairs == 0) return;
  const count = load<u32>(pairs);
  let bytes: usize = pairs + 4 + <usize>count * 8;
  for (let i: u32 = 0; i < count; i++) {
    const nameSize = load<u32>(pairs + 4 + <usize>i * 8);
    const valueSize = load<u32>(pairs + 8 + <usize>i * 8);
    logLine(prefix, bytes, nameSize, bytes + nameSize + 1, valueSize);
    bytes += nameSize + valueSize + 2;
  }
  heap.free(pairs);
}

function logLine(prefix: string, name: usize, nameSize: u32, value: usize, valueSize: u32): void {
  const prefixSize = prefix.length;
  const size: usize = prefixSize + nameSize + 2 + valueSize;
  const line = heap.alloc(size);
  for (let i = 0; i < prefixSize; i++) store<u8>(line + i, <u8>prefix.charCodeAt(i));
  memory.copy(line + prefixSize, name, nameSize);
  store<u8>(line + prefixSize + nameSize, 0x3a);
  store<u8>(line + prefixSize + nameSize + 1, 0x20);
  memory.copy(line + prefixSize + nameSize + 2, value, valueSize);
  proxy_log(LEVEL_INFO, line, size);
  heap.free(line);
}

/** Replaces the toolchain's own, which would import a function that no proxy offers. */
export function onAbort(_message: usize, _file: usize, _line: u32, _column: u32): void {
  unreachable();
}
