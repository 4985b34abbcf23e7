/** envoy.filters.http.header_mutation: descriptor and configuration. */
import type { HeaderMutation as HeaderChange } from "@legate/envoy-api/envoy/config/common/mutation_rules/v3/mutation_rules_pb.js";
import type {
  HeaderMutation,
  HeaderMutationPerRoute,
  Mutations as MutationsMessage,
} from "@legate/envoy-api/envoy/extensions/filters/http/header_mutation/v3/header_mutation_pb.js";
import type { ConfigContext, HttpFilterExtension } from "../../../extension.ts";
import { compileHeaderOption, headerOptionHonours } from "../../../http/header-options.ts";
import {
  type HeaderMutationConfig,
  HeaderMutationFilter,
  type Mutate,
  type Mutations,
} from "./filter.ts";
import { compileQueryMutations } from "./query-parameters.ts";

const PACKAGE = "envoy.extensions.filters.http.header_mutation.v3";
const RULES = "envoy.config.common.mutation_rules.v3";

export const headerMutation: HttpFilterExtension<HeaderMutationConfig, Mutations> = {
  name: "envoy.filters.http.header_mutation",
  configType: `${PACKAGE}.HeaderMutation`,
  routeConfigType: `${PACKAGE}.HeaderMutationPerRoute`,
  honours: {
    [`${PACKAGE}.HeaderMutation`]: ["mutations", "most_specific_header_mutations_wins"],
    [`${PACKAGE}.HeaderMutationPerRoute`]: ["mutations"],
    [`${PACKAGE}.Mutations`]: [
      "request_mutations",
      "query_parameter_mutations",
      "response_mutations",
      "request_trailers_mutations",
      "response_trailers_mutations",
    ],
    [`${RULES}.HeaderMutation`]: ["remove", "append", "remove_on_match"],
    [`${RULES}.HeaderMutation.RemoveOnMatch`]: ["key_matcher"],
    "envoy.config.core.v3.KeyValueMutation": ["append", "remove"],
    "envoy.config.core.v3.KeyValueAppend": ["record", "action"],
    "envoy.config.core.v3.KeyValuePair": ["key", "value"],
    "google.protobuf.Value": "*",
    "envoy.type.matcher.v3.StringMatcher": "*",
    ...headerOptionHonours,
  },
  isTerminal: false,
  parseConfig(message, context) {
    const config = message as HeaderMutation;
    return {
      mutations: parseMutations(config.mutations, context),
      mostSpecificWins: config.mostSpecificHeaderMutationsWins,
    };
  },
  parseRouteConfig: (message, context) =>
    parseMutations((message as HeaderMutationPerRoute).mutations, context),
  createFactory: (config) => ({
    create: (callbacks) => new HeaderMutationFilter(callbacks, config),
  }),
};

function parseMutations(message: MutationsMessage | undefined, context: ConfigContext): Mutations {
  const query = message?.queryParameterMutations ?? [];
  const mutateQuery = query.length === 0 ? null : compileQueryMutations(query, context);
  return {
    request: compileChanges(message?.requestMutations, context),
    query:
      mutateQuery === null
        ? null
        : (headers, info) => headers.set(":path", mutateQuery(headers.get(":path") ?? "", info)),
    response: compileChanges(message?.responseMutations, context),
    requestTrailers: compileChanges(message?.requestTrailersMutations, context),
    responseTrailers: compileChanges(message?.responseTrailersMutations, context),
  };
}

function compileChanges(
  changes: readonly HeaderChange[] | undefined,
  context: ConfigContext,
): Mutate | null {
  if (changes === undefined || changes.length === 0) return null;
  const all = changes.map((change) => compileChange(change, context));
  return (headers, info) => {
    for (const change of all) change(headers, info);
  };
}

function compileChange(change: HeaderChange, context: ConfigContext): Mutate {
  const { action } = change;
  switch (action.case) {
    case "remove": {
      const name = action.value.toLowerCase();
      if (name.startsWith(":") || name === "host")
        context.fail(change, "remove", `removing '${name}' is not supported by Legate`);
      return (headers) => {
        headers.remove(name);
      };
    }
    case "append":
      return compileHeaderOption(action.value, context);
    case "removeOnMatch": {
      const { keyMatcher } = action.value;
      if (keyMatcher === undefined) return context.fail(action.value, "key_matcher", "is required");
      const matches = context.compileStringMatcher(keyMatcher);
      return (headers) => {
        for (let i = headers.size - 1; i >= 0; i--) {
          const name = headers.nameAt(i);
          if (name !== "" && !name.startsWith(":") && matches(name)) {
            headers.remove(name);
            i = Math.min(i, headers.size);
          }
        }
      };
    }
    default:
      return context.fail(change, "action", "is required");
  }
}
