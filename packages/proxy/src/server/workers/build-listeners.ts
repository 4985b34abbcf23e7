/** ParsedServer → running listeners of one worker. */
import type { FactoryContext } from "@legate/filter-sdk";
import { HttpConnection } from "../../downstream/http-connection-manager/http-connection.ts";
import type { HcmOptions } from "../../downstream/http-connection-manager/options.ts";
import { CodeStats, HcmStats } from "../../downstream/http-connection-manager/stats.ts";
import { Listener } from "../../downstream/listener/listener.ts";
import type { EventLoop } from "../../event-loop/event-loop.ts";
import type { ConfiguredHttpFilter } from "../../filters/filter-chain-config.ts";
import { Http1ServerCodec } from "../../http/codecs/http1/server-codec.ts";
import { Http1CodecStats } from "../../http/codecs/http1/stats.ts";
import type { LogFiles } from "../../observability/access-log/log-files.ts";
import { createAccessLog } from "../../observability/access-log/parse-access-log.ts";
import type { ClusterManager } from "../../upstream/cluster-manager.ts";
import type { ParsedListener } from "../parse-server.ts";

export interface ListenerTools {
  readonly loop: EventLoop;
  /** For one connection manager and listener. */
  factoryContext(statPrefix: string, direction: 0 | 1 | 2): FactoryContext;
  readonly clusters: ClusterManager;
  readonly logFiles: LogFiles;
  drainCloseChance(): number;
}

export async function buildListener(
  parsed: ParsedListener,
  tools: ListenerTools,
): Promise<Listener> {
  const { hcm } = parsed;
  const context = tools.factoryContext(hcm.statPrefix, parsed.direction);
  const filters: ConfiguredHttpFilter[] = [];
  for (const filter of hcm.filters)
    filters.push({
      name: filter.name,
      factory: await filter.extension.createFactory(filter.config, context),
      isDisabled: filter.isDisabled,
      isTerminal: filter.extension.isTerminal,
    });
  const listenerScope = context.stats.scope(`listener.${parsed.statName}`);
  const options: HcmOptions = {
    loop: tools.loop,
    stats: new HcmStats(context.httpScope),
    listenerCodes: new CodeStats(listenerScope.scope(`http.${hcm.statPrefix}`)),
    filters,
    hasDisabledFilters: filters.some((filter) => filter.isDisabled),
    routeTable: parsed.routeTable,
    clusterManager: tools.clusters,
    accessLogs: hcm.accessLogs.map((log) => createAccessLog(log, { files: tools.logFiles })),
    requestHeaders: {
      usesRemoteAddress: hcm.usesRemoteAddress,
      xffNumTrustedHops: hcm.xffNumTrustedHops,
      skipsXffAppend: hcm.skipsXffAppend,
      internalRanges: hcm.internalRanges,
      via: hcm.via,
      addsUserAgent: hcm.addsUserAgent,
      serviceCluster: context.node.cluster,
      serviceNode: context.node.id,
      generatesRequestId: hcm.generatesRequestId,
      preservesExternalRequestId: hcm.preservesExternalRequestId,
      appendsXForwardedPort: hcm.appendsXForwardedPort,
      schemeToOverwrite: hcm.schemeToOverwrite,
      internalOnlyHeaders: parsed.routeTable?.internalOnlyHeaders ?? [],
    },
    responseHeaders: {
      serverName: hcm.serverName,
      serverHeader: hcm.serverHeader,
      via: hcm.via,
      setsRequestId: hcm.setsRequestIdInResponse,
    },
    path: hcm.path,
    timeouts: hcm.timeouts,
    localReply: hcm.localReply,
    codec: hcm.codec,
    bufferLimitBytes: parsed.bufferLimitBytes,
    maxRequestsPerConnection: hcm.maxRequestsPerConnection,
    proxies100Continue: hcm.proxies100Continue,
    keepsOnStreamError: hcm.keepsOnStreamError,
    acceptsHttp10: hcm.codec.acceptHttp10,
    defaultHostForHttp10: hcm.defaultHostForHttp10,
    stripsTrailingHostDot: hcm.stripsTrailingHostDot,
    stripsAnyHostPort: hcm.stripsAnyHostPort,
    strippedHostPort: hcm.stripsMatchingHostPort ? parsed.port : 0,
    upgrades: hcm.upgrades,
    filterChainName: parsed.filterChainName,
    drainCloseChance: () => tools.drainCloseChance(),
  };
  const codecStats = new Http1CodecStats(context.stats);
  const listenerOptions = {
    name: parsed.name,
    ip: parsed.ip,
    port: parsed.port,
    backlog: parsed.backlog,
    reusePort: parsed.reusePort,
    bufferLimitBytes: parsed.bufferLimitBytes,
    chooseFilterChain: () => accept,
  };
  const accept = (
    connection: ConstructorParameters<typeof HttpConnection>[0],
    owner: ConstructorParameters<typeof HttpConnection>[3],
  ) =>
    new HttpConnection(
      connection,
      options,
      (sink, callbacks) => new Http1ServerCodec(sink, callbacks, hcm.codec, codecStats),
      owner,
    );
  return new Listener(tools.loop, listenerOptions, listenerScope, context.workerIndex);
}
