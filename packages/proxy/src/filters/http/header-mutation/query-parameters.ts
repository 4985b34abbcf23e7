/** Changes to the query of a path: config.core.v3.KeyValueMutation. */
import type { KeyValueMutation } from "@legate/envoy-api/envoy/config/core/v3/base_pb.js";
import type { StreamInfo } from "@legate/filter-sdk";
import type { ConfigContext } from "../../../extension.ts";
import { compileFormat } from "../../../http/formatter/compile-format.ts";
import { FormatError } from "../../../http/formatter/format-error.ts";

/** Source: KeyValueAppend.KeyValueAppendAction; the same numbers as for headers. */
const Action = { AppendOrAdd: 0, AddIfAbsent: 1, OverwriteOrAdd: 2, OverwriteIfExists: 3 } as const;

type Pair = [key: string, value: string];
type Change = (pairs: Pair[], info: StreamInfo) => Pair[];

export function compileQueryMutations(
  mutations: readonly KeyValueMutation[],
  context: ConfigContext,
): (path: string, info: StreamInfo) => string {
  const changes = mutations.map((mutation) => compileChange(mutation, context));
  return (path, info) => {
    const mark = path.indexOf("?");
    const base = mark < 0 ? path : path.slice(0, mark);
    let pairs = mark < 0 ? [] : parseQuery(path.slice(mark + 1));
    for (const change of changes) pairs = change(pairs, info);
    if (pairs.length === 0) return base;
    return `${base}?${pairs.map(([key, value]) => `${key}=${value}`).join("&")}`;
  };
}

function parseQuery(query: string): Pair[] {
  return query
    .split("&")
    .filter((part) => part !== "")
    .map((part) => {
      const equals = part.indexOf("=");
      return equals < 0 ? [part, ""] : [part.slice(0, equals), part.slice(equals + 1)];
    });
}

function compileChange(mutation: KeyValueMutation, context: ConfigContext): Change {
  if (mutation.remove !== "") {
    const { remove } = mutation;
    return (pairs) => pairs.filter(([key]) => key !== remove);
  }
  const { append } = mutation;
  const record = append?.record;
  if (append === undefined || record === undefined)
    return context.fail(mutation, "append", "Only string value is allowed for record value.");
  const { key } = record;
  const kind = record.value?.kind;
  if (kind?.case !== "stringValue")
    return context.fail(record, "value", "Only string value is allowed for record value.");
  const format = compileText(kind.value, record, context);
  const { action } = append;
  return (pairs, info) => {
    const value = encodeURIComponent(format(info));
    const isPresent = pairs.some(([name]) => name === key);
    switch (action) {
      case Action.AddIfAbsent:
        return isPresent ? pairs : [...pairs, [key, value]];
      case Action.OverwriteOrAdd:
        return [...pairs.filter(([name]) => name !== key), [key, value]];
      case Action.OverwriteIfExists:
        return isPresent ? [...pairs.filter(([name]) => name !== key), [key, value]] : pairs;
      default:
        return [...pairs, [key, value]];
    }
  };
}

function compileText(
  text: string,
  owner: object,
  context: ConfigContext,
): (info: StreamInfo) => string {
  try {
    const format = compileFormat(text, { omitEmpty: true });
    return (info) => format.format(info);
  } catch (error) {
    if (error instanceof FormatError) return context.fail(owner, "value", error.message);
    throw error;
  }
}
