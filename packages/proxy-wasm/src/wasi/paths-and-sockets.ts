/** There is no file system and no network: everything is refused, with results zeroed where there are any. */
import { Errno, wasiFunction } from "./wasi-function.ts";

const refuse = (): number => Errno.Notsup;

export const pathAndSocketFunctions = [
  wasiFunction("path_open", () => Errno.Noent),
  wasiFunction("path_filestat_get", refuse),
  wasiFunction("path_filestat_set_times", refuse),
  wasiFunction("path_create_directory", refuse),
  wasiFunction("path_remove_directory", refuse),
  wasiFunction("path_unlink_file", refuse),
  wasiFunction("path_rename", refuse),
  wasiFunction("path_link", refuse),
  wasiFunction("path_symlink", refuse),
  wasiFunction(
    "path_readlink",
    (
      vm,
      _fd: number,
      _path: number,
      _pathSize: number,
      _buffer: number,
      _size: number,
      used: number,
    ) => (vm.memory.writeU32(used, 0) ? Errno.Notsup : Errno.Fault),
  ),
  wasiFunction("sock_accept", refuse),
  wasiFunction("sock_recv", refuse),
  wasiFunction("sock_send", refuse),
  wasiFunction("sock_shutdown", refuse),
];
