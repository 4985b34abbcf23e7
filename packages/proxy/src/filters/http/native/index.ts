/** TypeScript filters, configured as envoy.filters.http.dynamic_modules: descriptor and configuration. */
import { realpathSync } from "node:fs";
import { pathToFileURL } from "node:url";
import type { Any } from "@bufbuild/protobuf/wkt";
import type {
  DynamicModuleFilter,
  DynamicModuleFilterPerRoute,
} from "@legate/envoy-api/envoy/extensions/filters/http/dynamic_modules/v3/dynamic_modules_pb.js";
import type { FilterModule } from "@legate/filter-sdk";
import { Ajv2020 } from "ajv/dist/2020.js";
import type { ConfigContext, HttpFilterExtension } from "../../../extension.ts";
import { AsyncFilter } from "./async-filter.ts";
import { FailureReporter, GuardedFilter } from "./guarded-filter.ts";
import { validationContext } from "./validation-context.ts";

const PACKAGE = "envoy.extensions.filters.http.dynamic_modules.v3";
const MODULE = "envoy.extensions.dynamic_modules.v3.DynamicModuleConfig";
const FILE = /\.(?:ts|mts|js|mjs)$/;

interface NativeConfig {
  readonly name: string;
  readonly module: FilterModule;
  readonly config: unknown;
}

export const native: HttpFilterExtension<NativeConfig, unknown> = {
  name: "envoy.extensions.filters.http.dynamic_modules",
  configType: `${PACKAGE}.DynamicModuleFilter`,
  routeConfigType: `${PACKAGE}.DynamicModuleFilterPerRoute`,
  honours: {
    [`${PACKAGE}.DynamicModuleFilter`]: ["dynamic_module_config", "filter_name", "filter_config"],
    [`${PACKAGE}.DynamicModuleFilterPerRoute`]: [
      "filter_name",
      "per_route_config_name",
      "filter_config",
    ],
    [MODULE]: ["name", "module"],
    "envoy.config.core.v3.AsyncDataSource": ["local"],
    "envoy.config.core.v3.DataSource": ["filename"],
  },
  isTerminal: false,
  async parseConfig(message, context) {
    const filter = message as DynamicModuleFilter;
    const specifier = filter.dynamicModuleConfig?.module?.specifier;
    if (specifier?.case !== "local" || specifier.value.specifier.case !== "filename")
      return context.fail(
        filter,
        "dynamic_module_config",
        "module.local.filename must name a TypeScript file",
      );
    const path = specifier.value.specifier.value;
    if (!FILE.test(path))
      return context.fail(
        specifier.value,
        "filename",
        `'${path}' is no .ts, .mts, .js or .mjs file; shared objects are not supported by Legate`,
      );
    const module = await load(path, specifier.value, context);
    const config = readConfig(filter.filterConfig, context);
    checkSchema(module, config, filter, context);
    if (context.isMainThread && module.createFactory !== undefined)
      try {
        await module.createFactory(config, validationContext(context));
      } catch (error) {
        const text = error instanceof Error ? error.message : String(error);
        context.fail(specifier.value, "filename", `'${path}': createFactory failed: ${text}`);
      }
    return { name: filter.filterName, module, config };
  },
  parseRouteConfig(message, context) {
    return readConfig((message as DynamicModuleFilterPerRoute).filterConfig, context);
  },
  async createFactory({ name, module, config }, context) {
    const log = context.logger("filter");
    const scope = context.httpScope.scope(`native.${name === "" ? "filter" : name}`);
    const report = new FailureReporter(name, log, scope.counter("errors"));
    if (module.createFactory !== undefined) {
      const factory = await module.createFactory(config, context);
      const skips = module.onError === "skip";
      return {
        create: (callbacks) =>
          new GuardedFilter(callbacks, factory.create(callbacks), report, skips),
      };
    }
    const tools = { module, clusters: context.clusters, log, report };
    return { create: (callbacks) => new AsyncFilter(callbacks, config, tools) };
  },
};

async function load(path: string, owner: object, context: ConfigContext): Promise<FilterModule> {
  let exported: { default?: FilterModule };
  try {
    exported = (await import(pathToFileURL(realpathSync(path)).href)) as { default?: FilterModule };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const text =
      code === "ENOENT" ? `Invalid path: ${path}` : `'${path}' can't be loaded: ${message}`;
    return context.fail(owner, "filename", text);
  }
  const module = exported.default;
  if (typeof module !== "object" || module === null)
    return context.fail(owner, "filename", `'${path}' has no default export made by defineFilter`);
  if (!module.createFactory && !module.onRequest && !module.onResponse)
    return context.fail(
      owner,
      "filename",
      `'${path}' has neither createFactory nor onRequest nor onResponse`,
    );
  return module;
}

/** A Struct as JSON; the value of a StringValue parsed as it stands; nothing: an empty object. */
function readConfig(any: Any | undefined, context: ConfigContext): unknown {
  if (any === undefined) return {};
  const message = context.unpack(any) as unknown as Record<string, unknown>;
  switch (message["$typeName"]) {
    case "google.protobuf.StringValue":
      return message["value"];
    case "google.protobuf.Struct":
      return context.structToJson(message);
    default:
      return context.fail(any, "filter_config", "must be a google.protobuf.Struct or StringValue");
  }
}

function checkSchema(
  module: FilterModule,
  config: unknown,
  filter: DynamicModuleFilter,
  context: ConfigContext,
): void {
  if (module.configSchema === undefined) return;
  const ajv = new Ajv2020({ allErrors: true, strict: false });
  const validate = ajv.compile(module.configSchema);
  if (validate(config)) return;
  const text = (validate.errors ?? [])
    .map(
      (error) =>
        `${error.instancePath || "configuration"} ${error.message}${error.params["additionalProperty"] ? ` '${error.params["additionalProperty"]}'` : ""}`,
    )
    .join("; ");
  context.fail(filter, "filter_config", text);
}
