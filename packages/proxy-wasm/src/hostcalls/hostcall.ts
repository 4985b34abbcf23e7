/** How a host function is declared. */
import { WasmResult } from "../abi/enums.ts";
import type { Context } from "../vm/context.ts";
import type { PluginVm } from "../vm/plugin-vm.ts";

/** Arguments are i32 as JavaScript gives them (signed), or i64 as bigint; a bad pointer is the callee's to refuse. */
// biome-ignore lint/suspicious/noExplicitAny: each function has the arity and types of its ABI entry.
type HostFunction = (vm: PluginVm, ...args: any[]) => WasmResult | number;

export interface Hostcall {
  /** The import's name. */
  readonly name: string;
  readonly call: HostFunction;
  /** Allowed while the module starts. */
  readonly whileStarting: boolean;
  /** Allowed from within the guest's allocator. */
  readonly whileAllocating: boolean;
  /** False for functions without a result. */
  readonly hasResult: boolean;
  /** The result when the capability isn't granted, or when the host fails. */
  readonly refusal: number;
  /** False for what capability restriction leaves alone. */
  readonly isRestrictable: boolean;
}

/** A proxy_* function. `call.length` - 1 is the number of its parameters. */
export function hostcall(
  name: string,
  call: HostFunction,
  flags: Partial<Omit<Hostcall, "name" | "call">> = {},
): Hostcall {
  return {
    name,
    call,
    whileStarting: false,
    whileAllocating: false,
    hasResult: true,
    refusal: WasmResult.InternalFailure,
    isRestrictable: true,
    ...flags,
  };
}

/** The context that a call acts on. */
export function target(vm: PluginVm): Context {
  const context = vm.target;
  // Outside of callbacks only starting and allocating guests run, and these may not come here.
  if (context === null) throw new Error("a hostcall without a context");
  return context;
}

/** Gives `bytes` to the guest in a block of its own; the addresses get pointer and size (0, 0 for none). */
export function giveBytes(
  vm: PluginVm,
  bytes: Uint8Array,
  pointerAddress: number,
  sizeAddress: number,
): WasmResult {
  if (bytes.length === 0) return giveNothing(vm, pointerAddress, sizeAddress);
  const pointer = vm.allocateMemory(bytes.length);
  if (pointer === 0) return WasmResult.InvalidMemoryAccess;
  vm.memory.writeBytes(pointer, bytes);
  return giveBlock(vm, pointer, bytes.length, pointerAddress, sizeAddress);
}

/** As giveBytes, for latin1 text. */
export function giveText(
  vm: PluginVm,
  text: string,
  pointerAddress: number,
  sizeAddress: number,
): WasmResult {
  if (text.length === 0) return giveNothing(vm, pointerAddress, sizeAddress);
  const pointer = vm.allocateMemory(text.length);
  if (pointer === 0) return WasmResult.InvalidMemoryAccess;
  vm.memory.writeLatin1(pointer, text);
  return giveBlock(vm, pointer, text.length, pointerAddress, sizeAddress);
}

export function giveNothing(vm: PluginVm, pointerAddress: number, sizeAddress: number): WasmResult {
  return giveBlock(vm, 0, 0, pointerAddress, sizeAddress);
}

export function giveBlock(
  vm: PluginVm,
  pointer: number,
  size: number,
  pointerAddress: number,
  sizeAddress: number,
): WasmResult {
  const { memory } = vm;
  return memory.writeU32(pointerAddress, pointer) && memory.writeU32(sizeAddress, size)
    ? WasmResult.Ok
    : WasmResult.InvalidMemoryAccess;
}

export function giveU32(vm: PluginVm, address: number, value: number): WasmResult {
  return vm.memory.writeU32(address, value) ? WasmResult.Ok : WasmResult.InvalidMemoryAccess;
}

export function giveU64(vm: PluginVm, address: number, value: bigint): WasmResult {
  return vm.memory.writeU64(address, BigInt.asUintN(64, value))
    ? WasmResult.Ok
    : WasmResult.InvalidMemoryAccess;
}
