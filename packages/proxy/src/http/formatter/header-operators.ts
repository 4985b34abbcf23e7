/** Operators that read headers, trailers and what stands in the path. */
import type { HeaderMap, StreamInfo } from "@legate/filter-sdk";
import { type Command, NumberOperator, TextOperator, truncate } from "./operator.ts";

type Source = (info: StreamInfo) => HeaderMap | null;

const requestHeaders: Source = (info) => info.requestHeaders;
const responseHeaders: Source = (info) => info.responseHeaders;
const responseTrailers: Source = (info) => info.responseTrailers;

function header(source: Source): Command {
  return {
    parameters: "required",
    length: true,
    build(parameters, maxLength) {
      const [primary, alternative] = parseNames(parameters);
      return new TextOperator((info) => {
        const map = source(info);
        if (map === null) return null;
        let value = map.get(primary);
        if (value === undefined && alternative !== "") value = map.get(alternative);
        return value === undefined ? null : truncate(value, maxLength);
      });
    },
  };
}

/** `X?Y`, lowercased; Y is "" if there is none. */
function parseNames(parameters: string): [string, string] {
  const names = parameters.split("?");
  if (names.length > 2) {
    throw new Error(`More than 1 alternative header specified in token: ${parameters}`);
  }
  for (const name of names) {
    if (/[^\x21-\x7e]/.test(name)) {
      throw new Error("Invalid header configuration. Format string contains invalid characters.");
    }
  }
  return [names[0]!.toLowerCase(), (names[1] ?? "").toLowerCase()];
}

function bytesOf(source: Source): Command {
  return {
    parameters: "none",
    length: false,
    build: () => new NumberOperator((info) => source(info)?.byteSize ?? 0),
  };
}

function withoutQuery(path: string): string {
  const mark = path.indexOf("?");
  return mark < 0 ? path : path.slice(0, mark);
}

function originalPath(info: StreamInfo): string | undefined {
  return info.requestHeaders?.get("x-envoy-original-path");
}

const path: Command = {
  parameters: "optional",
  length: true,
  build(parameters, maxLength) {
    const [query = "WQ", which = "ORIG_OR_PATH"] = parameters === "" ? [] : parameters.split(":");
    if (query !== "WQ" && query !== "NQ") {
      throw new Error(`Invalid PATH option: '${query}', only 'WQ'/'NQ' are allowed`);
    }
    if (which !== "ORIG" && which !== "PATH" && which !== "ORIG_OR_PATH") {
      throw new Error(
        `Invalid PATH option: '${which}', only 'ORIG'/'PATH'/'ORIG_OR_PATH' are allowed`,
      );
    }
    return new TextOperator((info) => {
      const original = which === "PATH" ? undefined : originalPath(info);
      const value = original ?? (which === "ORIG" ? undefined : info.requestHeaders?.get(":path"));
      if (value === undefined) return null;
      return truncate(query === "WQ" ? value : withoutQuery(value), maxLength);
    });
  },
};

function queryOf(info: StreamInfo): string | null {
  const value = originalPath(info) ?? info.requestHeaders?.get(":path");
  if (value === undefined) return null;
  const mark = value.indexOf("?");
  if (mark < 0) return null;
  const end = value.indexOf("#", mark);
  return end < 0 ? value.slice(mark + 1) : value.slice(mark + 1, end);
}

const queryParam: Command = {
  parameters: "required",
  length: true,
  build(name, maxLength) {
    return new TextOperator((info) => {
      const query = queryOf(info);
      if (query === null) return null;
      for (const pair of query.split("&")) {
        const equals = pair.indexOf("=");
        const key = equals < 0 ? pair : pair.slice(0, equals);
        if (key === name) return truncate(equals < 0 ? "" : pair.slice(equals + 1), maxLength);
      }
      return null;
    });
  },
};

const queryParams: Command = {
  parameters: "optional",
  length: true,
  build(option, maxLength) {
    if (option !== "" && option !== "ORIG" && option !== "DECODED") {
      throw new Error(
        `Invalid QUERY_PARAMS option: '${option}', only 'ORIG'/'DECODED' are allowed`,
      );
    }
    return new TextOperator((info) => {
      const query = queryOf(info);
      if (query === null) return null;
      return truncate(option === "DECODED" ? percentDecode(query) : query, maxLength);
    });
  },
};

/** Byte by byte, as strings are latin1; a bad escape stays. */
function percentDecode(text: string): string {
  return text.replace(/%([0-9a-fA-F]{2})/g, (_, hex) => String.fromCharCode(parseInt(hex, 16)));
}

const withoutQueryHeader: Command = {
  parameters: "required",
  length: true,
  build(parameters, maxLength) {
    const [primary, alternative] = parseNames(parameters);
    return new TextOperator((info) => {
      const map = info.requestHeaders;
      const value = map?.get(primary) ?? (alternative === "" ? undefined : map?.get(alternative));
      return value === undefined ? null : truncate(withoutQuery(value), maxLength);
    });
  },
};

export const headerCommands: Readonly<Record<string, Command>> = {
  REQUEST_HEADER: header(requestHeaders),
  REQ: header(requestHeaders),
  RESPONSE_HEADER: header(responseHeaders),
  RESP: header(responseHeaders),
  RESPONSE_TRAILER: header(responseTrailers),
  TRAILER: header(responseTrailers),
  REQ_WITHOUT_QUERY: withoutQueryHeader,
  PATH: path,
  QUERY_PARAM: queryParam,
  QUERY_PARAMS: queryParams,
  REQUEST_HEADERS_BYTES: bytesOf(requestHeaders),
  RESPONSE_HEADERS_BYTES: bytesOf(responseHeaders),
  RESPONSE_TRAILERS_BYTES: bytesOf(responseTrailers),
};
