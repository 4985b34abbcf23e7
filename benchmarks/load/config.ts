/** Configurations that both proxies read. */

const TYPE = "type.googleapis.com/envoy.";

export type HttpFilter = Readonly<Record<string, unknown>>;

/** One listener, one cluster, no admin server. */
export function bootstrap(
  port: number,
  originPort: number,
  filters: readonly HttpFilter[],
): string {
  const address = (value: number) => ({
    socket_address: { address: "127.0.0.1", port_value: value },
  });
  const router = {
    name: "envoy.filters.http.router",
    typed_config: { "@type": `${TYPE}extensions.filters.http.router.v3.Router` },
  };
  const hcm = {
    "@type": `${TYPE}extensions.filters.network.http_connection_manager.v3.HttpConnectionManager`,
    stat_prefix: "bench",
    route_config: {
      virtual_hosts: [
        {
          name: "all",
          domains: ["*"],
          routes: [{ match: { prefix: "/" }, route: { cluster: "origin" } }],
        },
      ],
    },
    http_filters: [...filters, router],
  };
  return JSON.stringify({
    static_resources: {
      listeners: [
        {
          name: "bench",
          address: address(port),
          filter_chains: [{ filters: [{ name: "hcm", typed_config: hcm }] }],
        },
      ],
      clusters: [
        {
          name: "origin",
          type: "STATIC",
          load_assignment: {
            cluster_name: "origin",
            endpoints: [{ lb_endpoints: [{ endpoint: { address: address(originPort) } }] }],
          },
        },
      ],
    },
  });
}

export function wasmFilter(path: string): HttpFilter {
  return {
    name: "plugin",
    typed_config: {
      "@type": `${TYPE}extensions.filters.http.wasm.v3.Wasm`,
      config: {
        name: "bench",
        vm_config: { runtime: "envoy.wasm.runtime.v8", code: { local: { filename: path } } },
      },
    },
  };
}

export function typescriptFilter(path: string): HttpFilter {
  return {
    name: "filter",
    typed_config: {
      "@type": `${TYPE}extensions.filters.http.dynamic_modules.v3.DynamicModuleFilter`,
      dynamic_module_config: { module: { local: { filename: path } } },
      filter_name: "bench",
    },
  };
}
