/** WASI preview 1 as Envoy's host serves it: enough for the runtimes of Go, Rust, C++ and AssemblyScript. */
import { type Hostcall, hostcall } from "../hostcalls/hostcall.ts";

/** Source: wasi_snapshot_preview1, errno. */
export const Errno = {
  Success: 0,
  Badf: 8,
  Notdir: 20,
  Fault: 21,
  Inval: 28,
  Noent: 44,
  Nosys: 52,
  Notsup: 58,
  Notcapable: 76,
} as const;

/** Functions that a starting module may not call. Source: proxy-wasm-cpp-host, the list of allowed ones. */
const REFUSED_AT_START = new Set([
  "path_open",
  "fd_read",
  "fd_seek",
  "fd_close",
  "proc_exit",
  "sched_yield",
]);
const ALLOWED_IN_ALLOCATOR = new Set(["fd_write", "clock_time_get", "poll_oneoff"]);

/** Parameters as in preview 1; i64 ones are bigint. */
export function wasiFunction(name: string, call: Hostcall["call"], hasResult = true): Hostcall {
  return hostcall(name, call, {
    whileStarting: !REFUSED_AT_START.has(name),
    whileAllocating: ALLOWED_IN_ALLOCATOR.has(name),
    refusal: Errno.Notcapable,
    hasResult,
  });
}

/** Standard output and error exist; nothing else does. */
export const isStdio = (fd: number): boolean => fd === 1 || fd === 2;
