/** A Proxy-Wasm host: runs plugins of ABI 0.1.0, 0.2.0 and 0.2.1 for whatever embeds it. */
export { AbiVersion } from "./abi/abi-version.ts";
export {
  DataAction,
  HeadersAction,
  LogLevel,
  MetricType,
  TrailersAction,
  WasmResult,
} from "./abi/enums.ts";
export type { HeaderMap } from "./abi/header-map.ts";
export type { CompiledPlugin, CompileOptions } from "./module/compile-plugin.ts";
export { compilePlugin } from "./module/compile-plugin.ts";
export { SHARED_DATA_BYTES, SharedDataStore } from "./shared-state/shared-data-store.ts";
export { SHARED_QUEUE_BYTES, SharedQueueStore } from "./shared-state/shared-queue-store.ts";
export type {
  BodyBuffer,
  HostMetric,
  HostTimer,
  HttpCallCallbacks,
  HttpCallRequest,
  PluginHost,
  SharedData,
  SharedQueues,
  StreamHost,
  VmHost,
} from "./vm/host.ts";
export type { VmOptions } from "./vm/plugin-vm.ts";
export { FailState, PluginVm } from "./vm/plugin-vm.ts";
export {
  booleanProperty,
  doubleProperty,
  integerProperty,
  latin1Property,
  mapProperty,
  textProperty,
} from "./vm/property-values.ts";
export { RootContext } from "./vm/root-context.ts";
export type { StreamOptions } from "./vm/stream-context.ts";
export { StreamContext } from "./vm/stream-context.ts";
