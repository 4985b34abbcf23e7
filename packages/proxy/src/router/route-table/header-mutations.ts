/** request/response_headers_to_add and _to_remove of one level, compiled. */
import type { HeaderValueOption } from "@legate/envoy-api/envoy/config/core/v3/base_pb.js";
import type { StreamInfo } from "@legate/filter-sdk";
import type { ConfigContext } from "../../extension.ts";
import type { HeaderMap } from "../../http/header-map.ts";
import { compileHeaderOptions } from "../../http/header-options.ts";

export type Mutation = (headers: HeaderMap, info: StreamInfo) => void;

/** Null when the level changes nothing. Removals come first. */
export function compileLevel(
  toAdd: readonly HeaderValueOption[],
  toRemove: readonly string[],
  owner: object,
  field: string,
  context: ConfigContext,
): Mutation | null {
  const add = compileHeaderOptions(toAdd, context);
  const names = toRemove.map((name) => name.toLowerCase());
  for (const name of names)
    if (name.startsWith(":") || name === "host")
      context.fail(owner, field, ":-prefixed or host headers may not be removed");
  if (add === null && names.length === 0) return null;
  return (headers, info) => {
    for (let i = 0; i < names.length; i++) headers.remove(names[i]!);
    add?.(headers, info);
  };
}
