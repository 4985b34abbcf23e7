/** Every function of the module `env`, in the order of the ABI's specification. */
import * as buffers from "./buffers.ts";
import * as callouts from "./callouts.ts";
import * as maps from "./header-maps.ts";
import type { Hostcall } from "./hostcall.ts";
import * as lifecycle from "./lifecycle.ts";
import * as logging from "./logging.ts";
import * as metrics from "./metrics.ts";
import * as properties from "./properties.ts";
import * as shared from "./shared-state.ts";
import * as streams from "./streams.ts";
import * as toolchains from "./toolchains.ts";

/** Registered alike for all ABI versions. */
export const hostcalls: readonly Hostcall[] = [
  logging.log,
  logging.getLogLevel,
  lifecycle.getCurrentTime,
  lifecycle.setTickPeriod,
  lifecycle.getConfiguration,
  lifecycle.getStatus,
  lifecycle.setEffectiveContext,
  lifecycle.done,
  streams.continueStream,
  streams.continueRequest,
  streams.continueResponse,
  streams.closeStream,
  streams.clearRouteCache,
  streams.sendLocalResponse,
  buffers.getBufferBytes,
  buffers.getBufferStatus,
  buffers.setBufferBytes,
  maps.getHeaderMapPairs,
  maps.setHeaderMapPairs,
  maps.getHeaderMapValue,
  maps.addHeaderMapValue,
  maps.replaceHeaderMapValue,
  maps.removeHeaderMapValue,
  maps.getHeaderMapSize,
  properties.getProperty,
  properties.setProperty,
  metrics.defineMetric,
  metrics.incrementMetric,
  metrics.recordMetric,
  metrics.getMetric,
  shared.getSharedData,
  shared.setSharedData,
  shared.registerSharedQueue,
  shared.resolveSharedQueue,
  shared.enqueueSharedQueue,
  shared.dequeueSharedQueue,
  callouts.httpCall,
  callouts.grpcCall,
  callouts.grpcStream,
  callouts.grpcSend,
  callouts.grpcCancel,
  callouts.grpcClose,
  lifecycle.callForeignFunction,
  toolchains.notifyMemoryGrowth,
  toolchains.pthreadEqual,
  toolchains.abort,
  toolchains.seed,
];
