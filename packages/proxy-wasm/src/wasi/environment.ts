/** Environment, arguments, clocks, randomness, scheduling, exit. */

import type { PluginVm } from "../vm/plugin-vm.ts";
import { Trap } from "../vm/trap.ts";
import { Errno, wasiFunction } from "./wasi-function.ts";

const encoder = new TextEncoder();
const MAX_RANDOM = 65_536;
const REALTIME = 0;
const MONOTONIC = 1;

function environment(vm: PluginVm): Uint8Array[] {
  return [...vm.options.environment].map(([key, value]) => encoder.encode(`${key}=${value}\0`));
}

export const environmentFunctions = [
  wasiFunction("environ_sizes_get", (vm, countAddress: number, bytesAddress: number) => {
    const entries = environment(vm);
    const bytes = entries.reduce((sum, entry) => sum + entry.length, 0);
    const isWritten =
      vm.memory.writeU32(countAddress, entries.length) && vm.memory.writeU32(bytesAddress, bytes);
    return isWritten ? Errno.Success : Errno.Fault;
  }),
  wasiFunction("environ_get", (vm, pointers: number, buffer: number) => {
    let at = buffer >>> 0;
    for (const [i, entry] of environment(vm).entries()) {
      if (!vm.memory.writeU32((pointers >>> 0) + 4 * i, at)) return Errno.Fault;
      if (!vm.memory.writeBytes(at, entry)) return Errno.Fault;
      at += entry.length;
    }
    return Errno.Success;
  }),
  wasiFunction("args_sizes_get", (vm, countAddress: number, bytesAddress: number) =>
    vm.memory.writeU32(countAddress, 0) && vm.memory.writeU32(bytesAddress, 0)
      ? Errno.Success
      : Errno.Fault,
  ),
  wasiFunction("args_get", () => Errno.Success),
  wasiFunction("clock_time_get", (vm, clock: number, _precision: bigint, address: number) => {
    if (clock !== REALTIME && clock !== MONOTONIC) return Errno.Notsup;
    const now = clock === REALTIME ? vm.host.nowNs() : vm.host.monotonicNs();
    return vm.memory.writeU64(address, now) ? Errno.Success : Errno.Fault;
  }),
  wasiFunction("clock_res_get", (vm, clock: number, address: number) => {
    if (clock !== REALTIME && clock !== MONOTONIC) return Errno.Notsup;
    return vm.memory.writeU64(address, 1n) ? Errno.Success : Errno.Fault;
  }),
  wasiFunction("random_get", (vm, buffer: number, size: number) => {
    if (size >>> 0 > MAX_RANDOM) return Errno.Inval;
    const target = vm.memory.slice(buffer, size);
    if (target === null) return Errno.Fault;
    vm.host.randomBytes(target);
    return Errno.Success;
  }),
  wasiFunction("sched_yield", () => Errno.Success),
  // Doesn't sleep; Go's runtime takes anything but success as fatal.
  wasiFunction(
    "poll_oneoff",
    (vm, _input: number, _output: number, _count: number, eventsAddress: number) =>
      vm.memory.writeU32(eventsAddress, 0) ? Errno.Success : Errno.Fault,
  ),
  wasiFunction(
    "proc_exit",
    (_vm, code: number) => {
      throw new Trap(`proc_exit: ${code}`);
    },
    false,
  ),
  wasiFunction("proc_raise", () => Errno.Notsup),
];
