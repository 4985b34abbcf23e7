/**
 * The plugins of one thread. Plugins with the same code, vm_id and VM configuration share a VM; a VM
 * that traps is lost with all its plugins, and each plugin's failure policy says what follows.
 */
import type { Counter, Gauge } from "@legate/filter-sdk";
import { FailState, PluginVm, RootContext } from "@legate/proxy-wasm";
import { FailurePolicy, type WasmPluginConfig } from "./plugin-config.ts";
import { ProxyPluginHost } from "./plugin-host.ts";
import { type PluginThread, ThreadVmHost } from "./plugin-thread.ts";

const RUNTIME = "wasm.envoy.wasm.runtime.v8";

export class ThreadPlugins {
  readonly thread: PluginThread;
  private readonly slots = new Map<string, VmSlot>();
  private readonly handles = new Map<string, PluginHandle>();

  constructor(thread: PluginThread) {
    this.thread = thread;
  }

  /** The plugin, started; made once for all filters that configure it alike. */
  plugin(config: WasmPluginConfig): PluginHandle {
    const key = `${config.vmKey} ${config.pluginKey} ${config.failurePolicy}`;
    let handle = this.handles.get(key);
    if (handle === undefined) {
      handle = new PluginHandle(config, this.slot(config), this.thread);
      this.handles.set(key, handle);
    }
    return handle;
  }

  private slot(config: WasmPluginConfig): VmSlot {
    let slot = this.slots.get(config.vmKey);
    if (slot === undefined) {
      slot = new VmSlot(config, this.thread);
      this.slots.set(config.vmKey, slot);
    }
    return slot;
  }

  /** Ends all plugins, as at the end of the process. */
  shutdown(): void {
    for (const slot of this.slots.values()) slot.shutdown();
  }
}

/** The place of a VM: the instance itself may be replaced. */
class VmSlot {
  private readonly config: WasmPluginConfig;
  private readonly thread: PluginThread;
  private readonly created: Counter;
  private readonly active: Gauge;
  private vm: PluginVm | null = null;
  private roots = new Map<string, RootContext>();

  constructor(config: WasmPluginConfig, thread: PluginThread) {
    this.config = config;
    this.thread = thread;
    const scope = thread.stats.scope(RUNTIME);
    this.created = scope.counter("created");
    this.active = scope.gauge("active");
  }

  /** The plugin's root in the living VM; null when there is none and `mayCreate` forbids or fails. */
  root(config: WasmPluginConfig, mayCreate: boolean): RootContext | null {
    if (this.vm?.isAlive !== true) {
      if (!mayCreate || !this.create()) return null;
    }
    const vm = this.vm!;
    const existing = this.roots.get(config.pluginKey);
    if (existing !== undefined) return existing;
    const root = new RootContext(vm, new ProxyPluginHost(this.thread, config));
    this.roots.set(config.pluginKey, root);
    if (root.start(config.configuration)) return root;
    const stage = vm.failState === FailState.ConfigureFailed ? "configure" : "start";
    this.thread.log.error(`Wasm VM failed Failed to ${stage} the plugin ${config.name}`);
    this.active.dec();
    return null;
  }

  private create(): boolean {
    const { config, thread } = this;
    this.roots = new Map();
    try {
      const options = {
        vmId: config.vmId,
        vmConfiguration: config.vmConfiguration,
        environment: config.environment,
        allowedCapabilities: config.allowedCapabilities,
      };
      this.vm = new PluginVm(config.plugin, options, new ThreadVmHost(thread, config.vmId));
    } catch (error) {
      this.vm = null;
      thread.log.error(`Wasm VM failed ${(error as Error).message}`);
      return false;
    }
    this.created.inc();
    this.active.inc();
    this.vm.onFailure(() => this.active.dec());
    return true;
  }

  /** Why the last VM was lost; Ok while it lives. */
  get failState(): FailState {
    return this.vm?.failState ?? FailState.UnableToInitializeCode;
  }

  shutdown(): void {
    if (this.vm?.isAlive === true) for (const root of this.roots.values()) root.shutdown();
  }
}

/** One plugin of the configuration: finds its root, reloading the VM where the policy says so. */
export class PluginHandle {
  readonly config: WasmPluginConfig;
  private readonly slot: VmSlot;
  private readonly thread: PluginThread;
  private root: RootContext | null;
  private lastLoadMs: number;
  private backoffMs: number;

  constructor(config: WasmPluginConfig, slot: VmSlot, thread: PluginThread) {
    this.config = config;
    this.slot = slot;
    this.thread = thread;
    this.root = slot.root(config, true);
    this.lastLoadMs = thread.clock.monotonicMs();
    this.backoffMs = this.jitteredBackoff();
  }

  get failsOpen(): boolean {
    return this.config.failurePolicy === FailurePolicy.Open;
  }

  /** Null: the plugin is lost. */
  liveRoot(): RootContext | null {
    if (this.root?.vm.isAlive === true) return this.root;
    if (this.config.failurePolicy === FailurePolicy.Reload) this.root = this.reload();
    return this.root?.vm.isAlive === true ? this.root : null;
  }

  private reload(): RootContext | null {
    const { slot, config, thread } = this;
    if (slot.failState !== FailState.RuntimeError) return slot.root(config, false);
    const stats = thread.stats.scope(`wasm.${config.name}`);
    const now = thread.clock.monotonicMs();
    if (now - this.lastLoadMs < this.backoffMs) {
      stats.counter("vm_reload_backoff").inc();
      return null;
    }
    this.lastLoadMs = now;
    this.backoffMs = this.jitteredBackoff();
    const root = slot.root(config, true);
    stats.counter(root === null ? "vm_reload_failure" : "vm_reload_success").inc();
    return root;
  }

  /** Uniform in [base, 1.5 base). Source: Envoy, JitteredLowerBoundBackOffStrategy. */
  private jitteredBackoff(): number {
    return this.config.reloadBaseMs * (1 + this.thread.random() / 2);
  }
}
