/** Headers, trailers and metadata. Names that guests give are lowercased; CR, LF and NUL are refused. */
import { AbiVersion } from "../abi/abi-version.ts";
import { MAX_MAP_TYPE, WasmResult } from "../abi/enums.ts";
import { isHeaderText } from "../abi/header-map.ts";
import { pairsSize, readPairs, writePairs } from "../abi/pairs.ts";
import type { PluginVm } from "../vm/plugin-vm.ts";
import { giveBlock, giveNothing, giveText, giveU32, hostcall, target } from "./hostcall.ts";

const isKnown = (type: number): boolean => type >= 0 && type <= MAX_MAP_TYPE;

/** The whole map as pairs; nothing when it is empty or can't be reached now. BadArgument for an unknown map. */
export const getHeaderMapPairs = hostcall(
  "proxy_get_header_map_pairs",
  (vm, type: number, pointerAddress: number, sizeAddress: number) => {
    if (!isKnown(type)) return WasmResult.BadArgument;
    const map = target(vm).readableMap(type);
    const size = map === null ? 0 : pairsSize(map);
    if (map === null || size === 0) return giveNothing(vm, pointerAddress, sizeAddress);
    const pointer = vm.allocateMemory(size);
    if (pointer === 0) return WasmResult.InvalidMemoryAccess;
    writePairs(vm.memory.bytes, vm.memory.view, pointer, map);
    return giveBlock(vm, pointer, size, pointerAddress, sizeAddress);
  },
);

/** Replaces the whole map. BadArgument when it can't be changed now, or for a malformed block. */
export const setHeaderMapPairs = hostcall(
  "proxy_set_header_map_pairs",
  (vm, type: number, pointer: number, size: number) => {
    if (!isKnown(type)) return WasmResult.BadArgument;
    if (!vm.memory.contains(pointer, size)) return WasmResult.InvalidMemoryAccess;
    const { bytes, view } = vm.memory;
    const pairs = readPairs(bytes, view, pointer >>> 0, size >>> 0);
    if (pairs === null || !pairs.every(isHeaderText)) return WasmResult.BadArgument;
    const context = target(vm);
    const map = context.writableMap(type);
    if (map === null) return WasmResult.BadArgument;
    map.replaceAll(pairs);
    onChanged(vm, type);
    return WasmResult.Ok;
  },
);

/** The first value. NotFound without one (0.1.0: Ok and nothing). */
export const getHeaderMapValue = hostcall(
  "proxy_get_header_map_value",
  (vm, type: number, key: number, keySize: number, pointerAddress: number, sizeAddress: number) => {
    if (!isKnown(type)) return WasmResult.BadArgument;
    const name = vm.memory.readLatin1(key, keySize);
    if (name === null) return WasmResult.InvalidMemoryAccess;
    const context = target(vm);
    const map = context.readableMap(type);
    if (map === null) return context.isLogging ? WasmResult.NotFound : WasmResult.BadArgument;
    const value = map.get(name.toLowerCase());
    if (value !== undefined) return giveText(vm, value, pointerAddress, sizeAddress);
    if (vm.plugin.abiVersion !== AbiVersion.V0_1_0) return WasmResult.NotFound;
    return giveNothing(vm, pointerAddress, sizeAddress);
  },
);

/** Adds an entry; headers of which one value is kept are joined by commas. */
export const addHeaderMapValue = hostcall(
  "proxy_add_header_map_value",
  (vm, type: number, key: number, keySize: number, value: number, valueSize: number) =>
    change(vm, "add", type, key, keySize, value, valueSize),
);

/** Leaves one entry of that name, with this value. */
export const replaceHeaderMapValue = hostcall(
  "proxy_replace_header_map_value",
  (vm, type: number, key: number, keySize: number, value: number, valueSize: number) =>
    change(vm, "set", type, key, keySize, value, valueSize),
);

function change(
  vm: PluginVm,
  how: "add" | "set",
  type: number,
  key: number,
  keySize: number,
  value: number,
  valueSize: number,
): WasmResult {
  if (!isKnown(type)) return WasmResult.BadArgument;
  const name = vm.memory.readLatin1(key, keySize);
  const text = vm.memory.readLatin1(value, valueSize);
  if (name === null || text === null) return WasmResult.InvalidMemoryAccess;
  const map = target(vm).writableMap(type);
  if (map === null || !isHeaderText(name) || !isHeaderText(text)) return WasmResult.BadArgument;
  const lower = name.toLowerCase();
  if (how === "add") map.add(lower, text);
  else if (lower.startsWith(":")) map.set(lower, text);
  else {
    // As Envoy: what is replaced stands at the end.
    map.remove(lower);
    map.add(lower, text);
  }
  onChanged(vm, type);
  return WasmResult.Ok;
}

/** All entries of that name; Ok also when there are none. */
export const removeHeaderMapValue = hostcall(
  "proxy_remove_header_map_value",
  (vm, type: number, key: number, keySize: number) => {
    if (!isKnown(type)) return WasmResult.BadArgument;
    const name = vm.memory.readLatin1(key, keySize);
    if (name === null) return WasmResult.InvalidMemoryAccess;
    const map = target(vm).writableMap(type);
    if (map === null) return WasmResult.BadArgument;
    map.remove(name.toLowerCase());
    onChanged(vm, type);
    return WasmResult.Ok;
  },
);

/** Bytes of all names and values. */
export const getHeaderMapSize = hostcall(
  "proxy_get_header_map_size",
  (vm, type: number, address: number) => {
    if (!isKnown(type)) return WasmResult.BadArgument;
    const map = target(vm).writableMap(type) ?? target(vm).readableMap(type);
    if (map === null) return WasmResult.BadArgument;
    return giveU32(vm, address, map.byteSize);
  },
);

/** Every change of the request's headers lets the route be matched anew, as in Envoy. */
function onChanged(vm: PluginVm, type: number): void {
  if (type === 0) target(vm).stream?.clearRouteCache();
}
