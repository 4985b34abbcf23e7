/** The import object of an instance: each import of the module bound to its host function. */
import { LogLevel, WasmResult } from "../abi/enums.ts";
import type { CompiledPlugin } from "../module/compile-plugin.ts";
import { CallPhase, type PluginVm } from "../vm/plugin-vm.ts";
import { Trap } from "../vm/trap.ts";
import { wasi } from "../wasi/registry.ts";
import type { Hostcall } from "./hostcall.ts";
import { hostcalls } from "./registry.ts";

type Import = (...args: unknown[]) => unknown;

const TABLES: Readonly<Record<string, ReadonlyMap<string, Hostcall>>> = {
  env: new Map(hostcalls.map((entry) => [entry.name, entry])),
  wasi_snapshot_preview1: new Map(wasi.map((entry) => [entry.name, entry])),
  wasi_unstable: new Map(wasi.map((entry) => [entry.name, entry])),
};

/** Throws an Error that names the import which can't be satisfied. */
export function linkImports(
  vm: PluginVm,
  plugin: CompiledPlugin,
  memory: WebAssembly.Memory | null,
): WebAssembly.Imports {
  const linked: Record<string, Record<string, WebAssembly.ImportValue>> = {};
  for (const { module, name, kind } of WebAssembly.Module.imports(plugin.module)) {
    const entry = TABLES[module]?.get(name);
    linked[module] ??= {};
    if (kind === "memory" && memory !== null) linked[module][name] = memory;
    else if (kind === "function" && entry !== undefined) linked[module][name] = bind(vm, entry);
    else throw new Error(`Failed to load Wasm module due to a missing import: ${module}.${name}`);
  }
  return linked;
}

function bind(vm: PluginVm, entry: Hostcall): Import {
  const { name, refusal, hasResult } = entry;
  const allowed = vm.options.allowedCapabilities;
  if (entry.isRestrictable && allowed !== null && !allowed.has(name)) {
    const kind = refusal === WasmResult.InternalFailure ? "proxy-wasm" : "WASI";
    return () => {
      vm.host.log(LogLevel.Error, `Attempted call to restricted ${kind} capability: ${name}`);
      return hasResult ? refusal : undefined;
    };
  }
  return guarded(vm, entry);
}

/**
 * Refuses the call where the guest's phase doesn't allow it; turns a failure of the host's own into a
 * status. Perf: a function per arity, because rest parameters made each call 1.4 times as dear
 * (benchmarks/micro/wasm-hostcall.ts).
 */
function guarded(vm: PluginVm, entry: Hostcall): Import {
  const { call } = entry;
  const check = (): void => {
    const isAllowed = vm.phase === CallPhase.Starting ? entry.whileStarting : entry.whileAllocating;
    if (!isAllowed) throw new Trap("restricted_callback");
  };
  const fail = (error: unknown): number => {
    if (error instanceof Trap || error instanceof WebAssembly.RuntimeError) throw error;
    vm.host.log(LogLevel.Critical, `${entry.name}: ${(error as Error).stack}`);
    return entry.refusal;
  };
  switch (call.length - 1) {
    case 1:
      return (a) => {
        if (vm.phase !== CallPhase.Running) check();
        try {
          return call(vm, a);
        } catch (error) {
          return fail(error);
        }
      };
    case 2:
      return (a, b) => {
        if (vm.phase !== CallPhase.Running) check();
        try {
          return call(vm, a, b);
        } catch (error) {
          return fail(error);
        }
      };
    case 3:
      return (a, b, c) => {
        if (vm.phase !== CallPhase.Running) check();
        try {
          return call(vm, a, b, c);
        } catch (error) {
          return fail(error);
        }
      };
    case 4:
      return (a, b, c, d) => {
        if (vm.phase !== CallPhase.Running) check();
        try {
          return call(vm, a, b, c, d);
        } catch (error) {
          return fail(error);
        }
      };
    case 5:
      return (a, b, c, d, e) => {
        if (vm.phase !== CallPhase.Running) check();
        try {
          return call(vm, a, b, c, d, e);
        } catch (error) {
          return fail(error);
        }
      };
    default:
      return (...args) => {
        if (vm.phase !== CallPhase.Running) check();
        try {
          return call(vm, ...args);
        } catch (error) {
          return fail(error);
        }
      };
  }
}
