/** Log lines and the log level. */
import { type LogLevel, WasmResult } from "../abi/enums.ts";
import { giveU32, hostcall } from "./hostcall.ts";

const MAX_LEVEL = 5;

/** message: UTF-8. BadArgument for a level above 5. Allowed at any time. Source: Proxy-Wasm ABI 0.2.1, logging. */
export const log = hostcall(
  "proxy_log",
  (vm, level: number, pointer: number, size: number) => {
    if (level < 0 || level > MAX_LEVEL) return WasmResult.BadArgument;
    const message = vm.memory.readUtf8(pointer, size);
    if (message === null) return WasmResult.InvalidMemoryAccess;
    vm.logAsPlugin(level as LogLevel, message);
    return WasmResult.Ok;
  },
  { whileStarting: true, whileAllocating: true },
);

/** Since 0.2.1: the level below which the host drops lines. */
export const getLogLevel = hostcall("proxy_get_log_level", (vm, address: number) =>
  giveU32(vm, address, vm.host.logLevel()),
);
