/** config.core.v3.HeaderValueOption lists, compiled: headers that config adds to messages. */
import type { HeaderValueOption } from "@legate/envoy-api/envoy/config/core/v3/base_pb.js";
import type { HeaderMap, StreamInfo } from "@legate/filter-sdk";
import type { ConfigContext, HonouredFields } from "../extension.ts";
import { compileFormat } from "./formatter/compile-format.ts";
import type { Formatter } from "./formatter/contracts.ts";
import { FormatError } from "./formatter/format-error.ts";

export const headerOptionHonours: HonouredFields = {
  "envoy.config.core.v3.HeaderValueOption": [
    "header",
    "append",
    "append_action",
    "keep_empty_value",
  ],
  "envoy.config.core.v3.HeaderValue": ["key", "value"],
};

/** Source: HeaderValueOption.HeaderAppendAction. */
const Action = { AppendOrAdd: 0, AddIfAbsent: 1, OverwriteOrAdd: 2, OverwriteIfExists: 3 } as const;

export type ApplyHeaders = (headers: HeaderMap, info: StreamInfo) => void;

/** One option. Throws a ConfigError for names that may not be set and for formats that don't parse. */
export function compileHeaderOption(
  option: HeaderValueOption,
  context: ConfigContext,
): ApplyHeaders {
  const { header } = option;
  if (header === undefined) return context.fail(option, "header", "is required");
  const name = header.key.toLowerCase();
  if (name === "" || name.startsWith(":") || name === "host")
    context.fail(header, "key", ":-prefixed or host headers may not be modified");
  const format = compileValue(header.value, header, context);
  const keepsEmpty = option.keepEmptyValue;
  let action: number = option.appendAction;
  if (option.append !== undefined)
    action = option.append ? Action.AppendOrAdd : Action.OverwriteOrAdd;
  return (headers, info) => {
    const value = format.format(info);
    if (value === "" && !keepsEmpty) return;
    if (action === Action.AppendOrAdd) headers.add(name, value);
    else if (action === Action.OverwriteOrAdd) headers.set(name, value);
    else if ((action === Action.OverwriteIfExists) === headers.has(name)) headers.set(name, value);
  };
}

/** All options of a list in order; null for an empty list. */
export function compileHeaderOptions(
  options: readonly HeaderValueOption[],
  context: ConfigContext,
): ApplyHeaders | null {
  if (options.length === 0) return null;
  const all = options.map((option) => compileHeaderOption(option, context));
  return (headers, info) => {
    for (let i = 0; i < all.length; i++) all[i]!(headers, info);
  };
}

function compileValue(text: string, owner: object, context: ConfigContext): Formatter {
  try {
    return compileFormat(text, { omitEmpty: true });
  } catch (error) {
    if (error instanceof FormatError) return context.fail(owner, "value", error.message);
    throw error;
  }
}
