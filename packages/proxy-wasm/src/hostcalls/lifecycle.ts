/** Time, timers, configuration of 0.1.0, status, effective context, done. */
import { BufferType, WasmResult } from "../abi/enums.ts";
import { giveBlock, giveBytes, giveText, giveU32, giveU64, hostcall, target } from "./hostcall.ts";

/** Wall clock, u64 nanoseconds since the epoch. */
export const getCurrentTime = hostcall(
  "proxy_get_current_time_nanoseconds",
  (vm, address: number) => giveU64(vm, address, vm.host.nowNs()),
);

/** periodMs: u32; the root context's timer, also from a stream; 0 stops it. */
export const setTickPeriod = hostcall(
  "proxy_set_tick_period_milliseconds",
  (vm, periodMs: number) => {
    target(vm).root.setTickPeriod(periodMs >>> 0);
    return WasmResult.Ok;
  },
);

/** ABI 0.1.0: the plugin's configuration while it is being configured, else the VM's. */
export const getConfiguration = hostcall(
  "proxy_get_configuration",
  (vm, pointerAddress: number, sizeAddress: number) => {
    const { root } = target(vm);
    const source =
      root.body(BufferType.PluginConfiguration) ?? root.body(BufferType.VmConfiguration);
    const bytes = new Uint8Array(source?.length ?? 0);
    source?.copyTo(bytes, 0, 0, bytes.length);
    return giveBytes(vm, bytes, pointerAddress, sizeAddress);
  },
);

/** Code and message of the failed call whose callback is being handled. */
export const getStatus = hostcall(
  "proxy_get_status",
  (vm, codeAddress: number, pointerAddress: number, sizeAddress: number) => {
    const { root } = target(vm);
    const result = giveU32(vm, codeAddress, root.statusCode);
    if (result !== WasmResult.Ok) return result;
    return giveText(vm, root.statusMessage, pointerAddress, sizeAddress);
  },
);

/** Makes later calls of this callback act on another live context of the VM; 0 means back to its own. */
export const setEffectiveContext = hostcall("proxy_set_effective_context", (vm, id: number) => {
  if (id === 0) {
    vm.effective = null;
    return WasmResult.Ok;
  }
  const context = vm.contexts.get(id >>> 0);
  if (context === undefined) return WasmResult.BadArgument;
  vm.effective = context;
  return WasmResult.Ok;
});

/** NotFound unless the plugin had answered proxy_on_done with false. */
export const done = hostcall("proxy_done", (vm) =>
  target(vm).root.finishDone() ? WasmResult.Ok : WasmResult.NotFound,
);

/** The result addresses get 0 when the function gave nothing; either may be 0 (not wanted). */
export const callForeignFunction = hostcall(
  "proxy_call_foreign_function",
  (
    vm,
    name: number,
    nameSize: number,
    argument: number,
    argumentSize: number,
    pointerAddress: number,
    sizeAddress: number,
  ) => {
    const { memory } = vm;
    const called = memory.readLatin1(name, nameSize);
    const bytes = memory.copy(argument, argumentSize);
    if (called === null || bytes === null) return WasmResult.InvalidMemoryAccess;
    const context = target(vm);
    const result = context.root.host.callForeignFunction(called, bytes, context.stream);
    if (result === null) return WasmResult.NotFound;
    const value = typeof result === "number" ? new Uint8Array(0) : result;
    const status = typeof result === "number" ? result : WasmResult.Ok;
    const pointer = value.length === 0 ? 0 : vm.allocateMemory(value.length);
    if (value.length > 0 && pointer === 0) return WasmResult.InvalidMemoryAccess;
    memory.writeBytes(pointer, value);
    if (pointerAddress !== 0 && sizeAddress !== 0) {
      const given = giveBlock(vm, pointer, value.length, pointerAddress, sizeAddress);
      if (given !== WasmResult.Ok) return given;
    }
    return status;
  },
);
