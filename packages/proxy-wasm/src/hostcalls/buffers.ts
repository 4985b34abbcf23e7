/** Bodies, configurations, answers to callouts. */
import { BufferType, MAX_BUFFER_TYPE, WasmResult } from "../abi/enums.ts";
import { giveBlock, giveNothing, hostcall, target } from "./hostcall.ts";

/** Bodies read as empty when there are none now; the others are then NotFound. */
function absent(type: number): WasmResult {
  const isMissing =
    type === BufferType.HttpCallResponseBody ||
    type === BufferType.PluginConfiguration ||
    type === BufferType.CallData;
  return isMissing ? WasmResult.NotFound : WasmResult.Ok;
}

/** Bytes [start, start + max) as far as they exist. BadArgument for an unknown buffer. */
export const getBufferBytes = hostcall(
  "proxy_get_buffer_bytes",
  (vm, type: number, start: number, max: number, pointerAddress: number, sizeAddress: number) => {
    if (type < 0 || type > MAX_BUFFER_TYPE) return WasmResult.BadArgument;
    const buffer = target(vm).body(type);
    if (buffer === null && absent(type) !== WasmResult.Ok) return absent(type);
    const from = start >>> 0;
    const size = Math.min(max >>> 0, Math.max(0, (buffer?.length ?? 0) - from));
    if (buffer === null || size === 0) return giveNothing(vm, pointerAddress, sizeAddress);
    const pointer = vm.allocateMemory(size);
    if (pointer === 0) return WasmResult.InvalidMemoryAccess;
    buffer.copyTo(vm.memory.bytes, pointer, from, size);
    return giveBlock(vm, pointer, size, pointerAddress, sizeAddress);
  },
);

/** Size in bytes; the flags are always 0. */
export const getBufferStatus = hostcall(
  "proxy_get_buffer_status",
  (vm, type: number, sizeAddress: number, flagsAddress: number) => {
    if (type < 0 || type > MAX_BUFFER_TYPE) return WasmResult.BadArgument;
    const buffer = target(vm).body(type);
    if (buffer === null && absent(type) !== WasmResult.Ok) return absent(type);
    return giveBlock(vm, buffer?.length ?? 0, 0, sizeAddress, flagsAddress);
  },
);

/** Replaces bytes [start, start + length): (0, 0) prepends, a start past the end appends. */
export const setBufferBytes = hostcall(
  "proxy_set_buffer_bytes",
  (vm, type: number, start: number, length: number, pointer: number, size: number) => {
    if (type < 0 || type > MAX_BUFFER_TYPE) return WasmResult.BadArgument;
    const bytes = vm.memory.copy(pointer, size);
    if (bytes === null) return WasmResult.InvalidMemoryAccess;
    const buffer = target(vm).body(type);
    if (buffer === null && absent(type) !== WasmResult.Ok) return absent(type);
    if (buffer === null || type >= BufferType.HttpCallResponseBody) return WasmResult.BadArgument;
    const from = Math.min(start >>> 0, buffer.length);
    buffer.splice(from, Math.min(length >>> 0, buffer.length - from), bytes);
    return WasmResult.Ok;
  },
);
