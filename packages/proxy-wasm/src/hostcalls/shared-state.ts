/** Data and queues that all VMs of one vm_id share, on all threads. */
import { WasmResult } from "../abi/enums.ts";
import { giveBytes, giveU32, hostcall, target } from "./hostcall.ts";

/** The value and its version; NotFound for an unknown key. */
export const getSharedData = hostcall(
  "proxy_get_shared_data",
  (
    vm,
    key: number,
    keySize: number,
    pointerAddress: number,
    sizeAddress: number,
    casAddress: number,
  ) => {
    const name = vm.memory.readLatin1(key, keySize);
    if (name === null) return WasmResult.InvalidMemoryAccess;
    const found = vm.host.sharedData.get(name);
    if (found === null) return WasmResult.NotFound;
    const given = giveBytes(vm, found.value, pointerAddress, sizeAddress);
    return given === WasmResult.Ok ? giveU32(vm, casAddress, found.cas) : given;
  },
);

/** cas: 0 to write in any case. CasMismatch when another version is stored. */
export const setSharedData = hostcall(
  "proxy_set_shared_data",
  (vm, key: number, keySize: number, value: number, valueSize: number, cas: number) => {
    const name = vm.memory.readLatin1(key, keySize);
    const bytes = vm.memory.slice(value, valueSize);
    if (name === null || bytes === null) return WasmResult.InvalidMemoryAccess;
    return vm.host.sharedData.set(name, bytes, cas >>> 0);
  },
);

/** The queue's token; the calling plugin hears of its items from now on. */
export const registerSharedQueue = hostcall(
  "proxy_register_shared_queue",
  (vm, name: number, nameSize: number, tokenAddress: number) => {
    const text = vm.memory.readLatin1(name, nameSize);
    if (text === null || !vm.memory.contains(tokenAddress, 4))
      return WasmResult.InvalidMemoryAccess;
    const { root } = target(vm);
    const token = vm.host.sharedQueues.register(vm.options.vmId, text, (ready) =>
      root.onQueueReady(ready),
    );
    return token === 0 ? WasmResult.InternalFailure : giveU32(vm, tokenAddress, token);
  },
);

/** NotFound for an unknown queue; an empty vm_id means the caller's own. */
export const resolveSharedQueue = hostcall(
  "proxy_resolve_shared_queue",
  (vm, vmId: number, vmIdSize: number, name: number, nameSize: number, tokenAddress: number) => {
    const owner = vm.memory.readLatin1(vmId, vmIdSize);
    const text = vm.memory.readLatin1(name, nameSize);
    if (owner === null || text === null) return WasmResult.InvalidMemoryAccess;
    const token = vm.host.sharedQueues.resolve(owner === "" ? vm.options.vmId : owner, text);
    return token === 0 ? WasmResult.NotFound : giveU32(vm, tokenAddress, token);
  },
);

export const enqueueSharedQueue = hostcall(
  "proxy_enqueue_shared_queue",
  (vm, token: number, value: number, valueSize: number) => {
    const bytes = vm.memory.slice(value, valueSize);
    if (bytes === null) return WasmResult.InvalidMemoryAccess;
    return vm.host.sharedQueues.enqueue(token >>> 0, bytes);
  },
);

/** NotFound for an unknown token, Empty for an empty queue. */
export const dequeueSharedQueue = hostcall(
  "proxy_dequeue_shared_queue",
  (vm, token: number, pointerAddress: number, sizeAddress: number) => {
    const item = vm.host.sharedQueues.dequeue(token >>> 0);
    if (typeof item === "number") return item;
    return giveBytes(vm, item, pointerAddress, sizeAddress);
  },
);
