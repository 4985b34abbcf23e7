/** Bytes of a .wasm → a checked, compiled plugin that any thread can instantiate. */
import { type AbiVersion, detectAbiVersion } from "../abi/abi-version.ts";
import { type RewrittenModule, rewriteModule } from "./rewrite-module.ts";

/** Immutable; `module` may be posted to other threads. */
export interface CompiledPlugin {
  readonly module: WebAssembly.Module;
  readonly abiVersion: AbiVersion;
  readonly importedMemory: RewrittenModule["importedMemory"];
}

export interface CompileOptions {
  /** Cap of each instance's memory, bytes; 128 MiB by default. */
  readonly maxMemoryBytes?: number;
}

const DEFAULT_MAX_MEMORY_BYTES = 128 * 1024 * 1024;

/** Throws an Error whose message says what is wrong with the module. */
export async function compilePlugin(
  bytes: Uint8Array,
  options: CompileOptions = {},
): Promise<CompiledPlugin> {
  const rewritten = rewriteModule(bytes, options.maxMemoryBytes ?? DEFAULT_MAX_MEMORY_BYTES);
  let module: WebAssembly.Module;
  try {
    module = await WebAssembly.compile(rewritten.bytes);
  } catch (error) {
    throw new Error(`Failed to load Wasm module: ${(error as Error).message}`, { cause: error });
  }
  const exports = WebAssembly.Module.exports(module);
  const abiVersion = detectAbiVersion(exports);
  if (abiVersion === null) throw new Error("Missing or unknown Proxy-Wasm ABI version");
  const functions = new Set(
    exports.filter(({ kind }) => kind === "function").map(({ name }) => name),
  );
  if (!functions.has("malloc") && !functions.has("proxy_on_memory_allocate"))
    throw new Error("Wasm module is missing malloc function.");
  return { module, abiVersion, importedMemory: rewritten.importedMemory };
}
