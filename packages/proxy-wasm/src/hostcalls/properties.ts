/** Attributes of the stream, the connection, the configuration. */
import { WasmResult } from "../abi/enums.ts";
import { giveBytes, hostcall, target } from "./hostcall.ts";

/** path: segments joined by NUL; one NUL at the end is ignored. The value is serialised by its type. */
export const getProperty = hostcall(
  "proxy_get_property",
  (vm, path: number, pathSize: number, pointerAddress: number, sizeAddress: number) => {
    const text = vm.memory.readLatin1(path, pathSize);
    if (text === null) return WasmResult.InvalidMemoryAccess;
    if (text === "") return WasmResult.SerializationFailure;
    const segments = text.split("\0");
    if (segments.length > 1 && segments.at(-1) === "") segments.pop();
    const context = target(vm);
    const value = (context.stream ?? context.root.host).getProperty(segments);
    if (typeof value === "number") return value;
    return giveBytes(vm, value, pointerAddress, sizeAddress);
  },
);

/** Stores bytes in the stream's filter state. NotFound without a stream. */
export const setProperty = hostcall(
  "proxy_set_property",
  (vm, path: number, pathSize: number, value: number, valueSize: number) => {
    const text = vm.memory.readLatin1(path, pathSize);
    const bytes = vm.memory.copy(value, valueSize);
    if (text === null || bytes === null) return WasmResult.InvalidMemoryAccess;
    return target(vm).stream?.setProperty(text, bytes) ?? WasmResult.NotFound;
  },
);
