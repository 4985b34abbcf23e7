/** File descriptors: 1 and 2 go to the log, all others are bad. */
import { LogLevel } from "../abi/enums.ts";
import type { PluginVm } from "../vm/plugin-vm.ts";
import { Errno, isStdio, wasiFunction } from "./wasi-function.ts";

const RIGHT_FD_WRITE = 64n;
/** Most bytes of one call. */
const MAX_WRITE = 1024 * 1024;

/** One line at info (stdout) or error (stderr) per call, without its last newline. */
function write(vm: PluginVm, fd: number, vectors: number, count: number, written: number): number {
  if (!isStdio(fd)) return Errno.Badf;
  const { memory } = vm;
  if (!memory.contains(vectors, Math.min((count >>> 0) * 8, 0xffff_ffff))) return Errno.Fault;
  const parts: Uint8Array[] = [];
  let total = 0;
  for (let i = 0; i < count >>> 0; i++) {
    const at = (vectors >>> 0) + i * 8;
    const size = memory.view.getUint32(at + 4, true);
    const part = memory.slice(memory.view.getUint32(at, true), size);
    if (part === null || total + size > MAX_WRITE) return Errno.Fault;
    parts.push(part);
    total += size;
  }
  const all = new Uint8Array(total);
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  const text = new TextDecoder().decode(all);
  const line = text.endsWith("\n") ? text.slice(0, -1) : text;
  if (total > 0) vm.logAsPlugin(fd === 1 ? LogLevel.Info : LogLevel.Error, line);
  return memory.writeU32(written, total) ? Errno.Success : Errno.Fault;
}

const stdioOnly = (_vm: PluginVm, fd: number): number => (isStdio(fd) ? Errno.Success : Errno.Badf);
const unsupported = (): number => Errno.Nosys;

export const streamFunctions = [
  wasiFunction("fd_write", write),
  wasiFunction(
    "fd_pwrite",
    (vm, fd: number, vectors: number, count: number, _offset: bigint, written: number) =>
      write(vm, fd, vectors, count, written),
  ),
  wasiFunction("fd_read", unsupported),
  wasiFunction("fd_pread", unsupported),
  wasiFunction("fd_seek", () => Errno.Success),
  wasiFunction("fd_close", () => Errno.Success),
  wasiFunction("fd_tell", (vm, fd: number, address: number) => {
    if (!isStdio(fd)) return Errno.Badf;
    return vm.memory.writeU64(address, 0n) ? Errno.Success : Errno.Fault;
  }),
  wasiFunction("fd_fdstat_get", (vm, fd: number, address: number) => {
    if (!isStdio(fd)) return Errno.Badf;
    if (!vm.memory.contains(address, 24)) return Errno.Fault;
    const start = address >>> 0;
    vm.memory.writeU64(start, 0n);
    vm.memory.writeU64(start + 8, RIGHT_FD_WRITE);
    vm.memory.writeU64(start + 16, 0n);
    return Errno.Success;
  }),
  wasiFunction("fd_fdstat_set_flags", unsupported),
  wasiFunction("fd_fdstat_set_rights", stdioOnly),
  wasiFunction("fd_filestat_get", () => Errno.Badf),
  wasiFunction("fd_filestat_set_size", stdioOnly),
  wasiFunction("fd_filestat_set_times", stdioOnly),
  wasiFunction("fd_allocate", stdioOnly),
  wasiFunction("fd_datasync", stdioOnly),
  wasiFunction("fd_sync", stdioOnly),
  wasiFunction("fd_advise", () => Errno.Success),
  wasiFunction(
    "fd_readdir",
    (vm, _fd: number, _buffer: number, _size: number, _cookie: bigint, used: number) =>
      vm.memory.writeU32(used, 0) ? Errno.Notdir : Errno.Fault,
  ),
  wasiFunction("fd_renumber", (_vm, from: number, to: number) =>
    isStdio(from) && isStdio(to) ? Errno.Notsup : Errno.Badf,
  ),
  // Bad descriptor: ends the search of preopened folders in a libc's start.
  wasiFunction("fd_prestat_get", () => Errno.Badf),
  wasiFunction("fd_prestat_dir_name", unsupported),
];
