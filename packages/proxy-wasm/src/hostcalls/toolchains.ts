/** What compilers' own runtimes import from `env`. */

import type { PluginVm } from "../vm/plugin-vm.ts";
import { Trap } from "../vm/trap.ts";
import { hostcall } from "./hostcall.ts";

const always = { whileStarting: true, whileAllocating: true, isRestrictable: false } as const;

/** Emscripten tells of grown memory; views are renewed anyway. */
export const notifyMemoryGrowth = hostcall(
  "emscripten_notify_memory_growth",
  (_vm, _memory: number) => 0,
  { ...always, hasResult: false },
);

export const pthreadEqual = hostcall(
  "pthread_equal",
  (_vm, a: number, b: number) => (a === b ? 1 : 0),
  always,
);

/** AssemblyScript's abort: ends the call with its message. Strings are UTF-16, their size stands before them. */
export const abort = hostcall(
  "abort",
  (vm, message: number, file: number, line: number, column: number) => {
    throw new Trap(
      `abort: ${assemblyScriptString(vm, message)} in ${assemblyScriptString(vm, file)}:${line}:${column}`,
    );
  },
  { ...always, hasResult: false },
);

function assemblyScriptString(vm: PluginVm, pointer: number): string {
  const size = vm.memory.contains(pointer - 4, 4) ? vm.memory.view.getUint32(pointer - 4, true) : 0;
  const bytes = pointer < 4 ? null : vm.memory.copy(pointer, Math.min(size, 4096) & ~1);
  return bytes === null ? "" : new TextDecoder("utf-16le").decode(bytes);
}

/** AssemblyScript's Math.random starts from this f64. */
export const seed = hostcall(
  "seed",
  (vm) => {
    const bytes = new Uint8Array(4);
    vm.host.randomBytes(bytes);
    return new DataView(bytes.buffer).getUint32(0, true);
  },
  always,
);
