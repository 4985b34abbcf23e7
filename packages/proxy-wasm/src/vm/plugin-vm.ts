/**
 * One instance of a module on this thread: its memory, its contexts, and the only way into it.
 *
 * A call into the guest sets the context on whose behalf it runs. Hostcalls that would enter the guest
 * again (continuing a stream, answering it) are put off until the outermost call has returned. A trap
 * ends the instance for good: no call enters it afterwards.
 */
import { AbiVersion } from "../abi/abi-version.ts";
import { LogLevel } from "../abi/enums.ts";
import { linkImports } from "../hostcalls/link.ts";
import { GuestMemory } from "../memory/guest-memory.ts";
import type { CompiledPlugin } from "../module/compile-plugin.ts";
import { START_EXPORT } from "../module/rewrite-module.ts";
import type { Context } from "./context.ts";
import { findCallbacks, type GuestCallbacks, type GuestFunction } from "./guest-exports.ts";
import type { VmHost } from "./host.ts";
import { describeTrap, guestBacktrace, Trap } from "./trap.ts";

/** Why an instance can't be used. Source: proxy-wasm-cpp-host, FailState. */
export const FailState = {
  Ok: 0,
  UnableToInitializeCode: 4,
  StartFailed: 5,
  ConfigureFailed: 6,
  RuntimeError: 7,
} as const;
export type FailState = (typeof FailState)[keyof typeof FailState];

/** What the guest may call now. */
export const CallPhase = { Running: 0, Starting: 1, Allocating: 2 } as const;
export type CallPhase = (typeof CallPhase)[keyof typeof CallPhase];

export interface VmOptions {
  readonly vmId: string;
  readonly vmConfiguration: Uint8Array;
  /** What WASI's environ gives. */
  readonly environment: ReadonlyMap<string, string>;
  /** Names of hostcalls, callbacks and WASI functions that are allowed; null for all. */
  readonly allowedCapabilities: ReadonlySet<string> | null;
}

/** Returned by PluginVm.call when the guest trapped or is dead. */
export const TRAPPED = -0x8000_0000;

export class PluginVm {
  readonly plugin: CompiledPlugin;
  readonly options: VmOptions;
  readonly host: VmHost;
  readonly contexts = new Map<number, Context>();
  readonly callbacks: GuestCallbacks;
  readonly memory: GuestMemory;
  phase: CallPhase = CallPhase.Starting;
  failState: FailState = FailState.Ok;
  /** Set by proxy_set_effective_context; null for the context being called. */
  effective: Context | null = null;
  /** A hostcall asked to stop the callback under way, whatever it returns. */
  stopsIteration = false;
  private current: Context | null = null;
  private readonly allocate: GuestFunction;
  private depth = 0;
  private deferred: (() => void)[] = [];
  private nextContextId = 1;
  private readonly failureListeners: (() => void)[] = [];

  /** Instantiates and starts the module. Throws an Error that says why that failed. */
  constructor(plugin: CompiledPlugin, options: VmOptions, host: VmHost) {
    this.plugin = plugin;
    this.options = options;
    this.host = host;
    const memory = importedMemory(plugin);
    const instance = new WebAssembly.Instance(plugin.module, linkImports(this, plugin, memory));
    const { exports } = instance;
    const own = exports["memory"];
    if (memory === null && !(own instanceof WebAssembly.Memory))
      throw new Error("Wasm module doesn't export its memory");
    this.memory = new GuestMemory(memory ?? (own as WebAssembly.Memory));
    this.callbacks = findCallbacks(
      exports,
      plugin.abiVersion === AbiVersion.V0_1_0,
      options.allowedCapabilities,
    );
    this.allocate = (exports["malloc"] ?? exports["proxy_on_memory_allocate"]) as GuestFunction;
    this.start(exports);
    this.phase = CallPhase.Running;
  }

  private start(exports: WebAssembly.Exports): void {
    const run = (name: string): boolean => {
      const callee = exports[name];
      if (typeof callee !== "function") return false;
      try {
        (callee as GuestFunction)(0, 0);
      } catch (error) {
        this.fail(name, error);
        throw new Error(`Failed to start Wasm module: ${describeTrap(error)}`, { cause: error });
      }
      return true;
    };
    run(START_EXPORT);
    if (run("_initialize")) {
      if (!run("main")) run("__main_void");
    } else run("_start");
  }

  get isAlive(): boolean {
    return this.failState === FailState.Ok;
  }

  /** The context that hostcalls act on. */
  get target(): Context | null {
    return this.effective ?? this.current;
  }

  /** The context being called, whatever the guest made effective. */
  get caller(): Context | null {
    return this.current;
  }

  /** Ids are never used twice. */
  newContextId(): number {
    while (this.contexts.has(this.nextContextId)) this.nextContextId++;
    return this.nextContextId++;
  }

  /**
   * Calls an export for `context` and returns its result (0 for none), or TRAPPED. Deferred actions run
   * before it returns to the outermost caller.
   */
  call(
    name: keyof GuestCallbacks,
    context: Context,
    a: number,
    b = 0,
    c = 0,
    d = 0,
    e = 0,
  ): number {
    const callee = this.callbacks[name];
    if (callee === null || this.failState !== FailState.Ok) return 0;
    const before = this.current;
    const effectiveBefore = this.effective;
    if (this.depth === 0) this.stopsIteration = false;
    this.current = context;
    this.effective = null;
    this.depth++;
    let result: number;
    try {
      result = callee(a, b, c, d, e) ?? 0;
    } catch (error) {
      this.fail(name, error);
      result = TRAPPED;
    }
    this.depth--;
    this.current = before;
    this.effective = effectiveBefore;
    return result;
  }

  /** Runs what hostcalls put off, unless a call into the guest is still under way. */
  runDeferred(): void {
    while (this.depth === 0 && this.deferred.length > 0) {
      const actions = this.deferred;
      this.deferred = [];
      for (const action of actions) action();
    }
  }

  /** Runs `action` after the outermost call into the guest. */
  defer(action: () => void): void {
    this.deferred.push(action);
  }

  get hasDeferred(): boolean {
    return this.deferred.length > 0;
  }

  /** Memory of the guest's allocator; 0 when it has none. `size` must not be 0. */
  allocateMemory(size: number): number {
    const before = this.phase;
    this.phase = CallPhase.Allocating;
    try {
      const pointer = (this.allocate(size) ?? 0) >>> 0;
      return this.memory.contains(pointer, size) ? pointer : 0;
    } finally {
      this.phase = before;
    }
  }

  /** A line in the name of the plugin that is being called; of the VM while it starts. */
  logAsPlugin(level: LogLevel, message: string): void {
    const context = this.target;
    if (context !== null) context.root.host.log(level, message);
    else {
      const { vmId } = this.options;
      this.host.log(level, `wasm log${vmId === "" ? "" : ` ${vmId}`}: ${message}`);
    }
  }

  /** Called once when the instance is lost. */
  onFailure(listener: () => void): void {
    this.failureListeners.push(listener);
  }

  /** Start or configuration was refused. */
  markFailed(state: FailState): void {
    if (this.failState === FailState.Ok) this.failState = state;
  }

  private fail(name: string, error: unknown): void {
    if (this.failState !== FailState.Ok) return;
    this.failState = FailState.RuntimeError;
    this.deferred = [];
    this.contexts.clear();
    const frames = error instanceof Trap ? [] : guestBacktrace(error);
    const trace =
      frames.length === 0 ? "" : `\nProxy-Wasm plugin in-VM backtrace:\n${frames.join("\n")}`;
    this.host.log(LogLevel.Error, `Function: ${name} failed: ${describeTrap(error)}${trace}`);
    for (const listener of this.failureListeners) listener();
  }
}

function importedMemory(plugin: CompiledPlugin): WebAssembly.Memory | null {
  return plugin.importedMemory === null ? null : new WebAssembly.Memory(plugin.importedMemory);
}
