/** PluginConfig message → what a thread builds plugins from. */
import { createHash } from "node:crypto";
import { toBinary } from "@bufbuild/protobuf";
import type { Any } from "@bufbuild/protobuf/wkt";
import { messageType } from "@legate/envoy-api";
import type { DataSource } from "@legate/envoy-api/envoy/config/core/v3/base_pb.js";
import type {
  CapabilityRestrictionConfig,
  PluginConfig,
  VmConfig,
} from "@legate/envoy-api/envoy/extensions/wasm/v3/wasm_pb.js";
import {
  type CompiledPlugin,
  compilePlugin,
  SHARED_DATA_BYTES,
  SHARED_QUEUE_BYTES,
} from "@legate/proxy-wasm";
import type { ConfigContext, HonouredFields } from "../../../extension.ts";

const PACKAGE = "envoy.extensions.wasm.v3";
const RUNTIMES = ["", "envoy.wasm.runtime.v8"];
const DEFAULT_RELOAD_MS = 1000;

/** What a plugin does for requests when its VM is lost. */
export const FailurePolicy = { Reload: 1, Closed: 2, Open: 3 } as const;
export type FailurePolicy = (typeof FailurePolicy)[keyof typeof FailurePolicy];

export interface WasmPluginConfig {
  readonly name: string;
  readonly rootId: string;
  readonly vmId: string;
  readonly plugin: CompiledPlugin;
  readonly configuration: Uint8Array;
  readonly vmConfiguration: Uint8Array;
  readonly environment: ReadonlyMap<string, string>;
  readonly allowedCapabilities: ReadonlySet<string> | null;
  readonly failurePolicy: FailurePolicy;
  readonly reloadBaseMs: number;
  readonly allowsHeadersStopIteration: boolean;
  /** Plugins with the same key share a VM on each thread. */
  readonly vmKey: string;
  /** Within a VM, plugins with the same key share a root context. */
  readonly pluginKey: string;
}

export const pluginHonours: HonouredFields = {
  [`${PACKAGE}.PluginConfig`]: "*",
  [`${PACKAGE}.VmConfig`]: [
    "vm_id",
    "runtime",
    "code",
    "configuration",
    "allow_precompiled",
    "nack_on_code_cache_miss",
    "environment_variables",
    "capability_restriction_config",
  ],
  [`${PACKAGE}.EnvironmentVariables`]: "*",
  [`${PACKAGE}.CapabilityRestrictionConfig`]: "*",
  [`${PACKAGE}.SanitizationConfig`]: "*",
  [`${PACKAGE}.ReloadConfig`]: ["backoff"],
  "envoy.config.core.v3.BackoffStrategy": ["base_interval", "max_interval"],
  "envoy.config.core.v3.AsyncDataSource": ["local"],
  "envoy.config.core.v3.DataSource": [
    "filename",
    "inline_bytes",
    "inline_string",
    "environment_variable",
  ],
};

/** The memory in which the data of that vm_id is shared between threads. */
export const sharedDataName = (vmId: string): string => `wasm.data.${vmId}`;
export const sharedQueuesName = "wasm.queues";

export async function parsePlugin(
  message: PluginConfig,
  context: ConfigContext,
): Promise<WasmPluginConfig> {
  if (message.vm.case !== "vmConfig") return context.fail(message, "vm_config", "is required");
  const vm = message.vm.value;
  if (!RUNTIMES.includes(vm.runtime))
    return context.fail(
      vm,
      "runtime",
      `'${vm.runtime}' is not supported by Legate; envoy.wasm.runtime.v8 is`,
    );
  if (message.failOpen && message.failurePolicy !== 0)
    return context.fail(message, "fail_open", "only one of fail_open or failure_policy can be set");
  const code = readCode(vm, context);
  let plugin: CompiledPlugin;
  try {
    plugin = await compilePlugin(code);
  } catch (error) {
    const text = `Unable to create Wasm plugin ${message.name}: ${(error as Error).message}`;
    return context.fail(vm, "code", text);
  }
  const configuration = anyBytes(message.configuration, context);
  const vmConfiguration = anyBytes(vm.configuration, context);
  const environment = readEnvironment(message, vm, context);
  context.shareMemory(sharedDataName(vm.vmId), SHARED_DATA_BYTES);
  context.shareMemory(sharedQueuesName, SHARED_QUEUE_BYTES);
  return {
    name: message.name,
    rootId: message.rootId,
    vmId: vm.vmId,
    plugin,
    configuration,
    vmConfiguration,
    environment,
    allowedCapabilities: capabilities(
      message.capabilityRestrictionConfig ?? vm.capabilityRestrictionConfig,
    ),
    failurePolicy: failurePolicy(message),
    reloadBaseMs: reloadBase(message),
    allowsHeadersStopIteration: message.allowOnHeadersStopIteration ?? false,
    vmKey: digest([vm.vmId, vmConfiguration, code, JSON.stringify([...environment])]),
    pluginKey: digest([message.rootId, configuration, message.name]),
  };
}

function readCode(vm: VmConfig, context: ConfigContext): Uint8Array {
  const specifier = vm.code?.specifier;
  if (specifier?.case !== "local")
    return context.fail(vm, "code", "only code.local is supported by Legate");
  const source: DataSource = specifier.value;
  const code = context.readDataSource(source, vm, "code");
  if (code.length > 0) return code;
  return context.fail(vm, "code", "Unable to create Wasm plugin: the code is empty");
}

/** The text or bytes of a wrapper message; other messages serialised, without the Any around them. */
function anyBytes(any: Any | undefined, context: ConfigContext): Uint8Array {
  if (any === undefined || any.typeUrl === "") return new Uint8Array(0);
  const message = context.unpack(any) as { $typeName: string; value?: unknown };
  if (message.$typeName === "google.protobuf.StringValue")
    return Buffer.from(String(message.value));
  if (message.$typeName === "google.protobuf.BytesValue") return message.value as Uint8Array;
  return toBinary(messageType(message.$typeName), message as never);
}

function readEnvironment(
  message: PluginConfig,
  vm: VmConfig,
  context: ConfigContext,
): ReadonlyMap<string, string> {
  const environment = new Map<string, string>();
  const variables = vm.environmentVariables;
  if (variables === undefined) return environment;
  const add = (key: string, value: string | undefined): void => {
    if (environment.has(key))
      context.fail(
        vm,
        "environment_variables",
        `Key ${key} is duplicated in envoy.extensions.wasm.v3.VmConfig.environment_variables for ${message.name}. All the keys must be unique.`,
      );
    if (value !== undefined) environment.set(key, value);
  };
  for (const [key, value] of Object.entries(variables.keyValues)) add(key, value);
  for (const key of variables.hostEnvKeys) add(key, process.env[key]);
  return environment;
}

/** Null: everything is allowed. */
function capabilities(config: CapabilityRestrictionConfig | undefined): Set<string> | null {
  const names = Object.keys(config?.allowedCapabilities ?? {});
  return names.length === 0 ? null : new Set(names);
}

function failurePolicy(message: PluginConfig): FailurePolicy {
  if (message.failOpen) return FailurePolicy.Open;
  return message.failurePolicy === 0 ? FailurePolicy.Closed : message.failurePolicy;
}

function reloadBase(message: PluginConfig): number {
  const interval = message.reloadConfig?.backoff?.baseInterval;
  if (interval === undefined) return DEFAULT_RELOAD_MS;
  return Math.max(1, Number(interval.seconds) * 1000 + interval.nanos / 1e6);
}

/** Parts are separated, so that no two lists of parts have one digest. */
function digest(parts: readonly (string | Uint8Array)[]): string {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(`${part.length}:`).update(part);
  return hash.digest("hex");
}
