/** Operators of the stream as a whole: codes, flags, bytes, names, metadata, process facts. */
import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import type { StreamInfo } from "@legate/filter-sdk";
import { GRPC_CAMEL_NAMES, GRPC_SNAKE_NAMES, grpcStatus, isGrpcRequest } from "./grpc-status.ts";
import {
  type Command,
  JsonOperator,
  NumberOperator,
  plainNumber,
  plainText,
  TextOperator,
  toLatin1,
  truncate,
} from "./operator.ts";
import { longResponseFlags, shortResponseFlags } from "./response-flags.ts";

/** As Envoy does with texts that stand in columns. */
function withoutSpaces(text: string | null): string | null {
  return text === null ? null : text.replace(/\s/g, "_");
}

const responseCodeDetails: Command = {
  parameters: "optional",
  length: false,
  build(option) {
    if (option !== "" && option !== "ALLOW_WHITESPACES") {
      throw new Error(`Invalid RESPONSE_CODE_DETAILS option: ${option}`);
    }
    return new TextOperator((info) =>
      option === "" ? withoutSpaces(info.responseCodeDetails) : info.responseCodeDetails,
    );
  },
};

function statusOf(info: StreamInfo): number {
  return isGrpcRequest(info) ? grpcStatus(info, true) : -1;
}

const grpcStatusText: Command = {
  parameters: "optional",
  length: false,
  build(option) {
    if (option === "NUMBER") return new NumberOperator(statusOf);
    if (option !== "" && option !== "CAMEL_STRING" && option !== "SNAKE_STRING") {
      throw new Error(
        `GrpcStatusFormatter only supports CAMEL_STRING, SNAKE_STRING or NUMBER. Got: ${option}`,
      );
    }
    const names = option === "SNAKE_STRING" ? GRPC_SNAKE_NAMES : GRPC_CAMEL_NAMES;
    return new TextOperator((info) => {
      const status = statusOf(info);
      return status < 0 ? null : (names[status] ?? String(status));
    });
  },
};

function metadataValue(info: StreamInfo, namespace: string, keys: readonly string[]): unknown {
  let value: unknown = info.dynamicMetadata?.get(namespace);
  for (const key of keys) {
    if (value === null || typeof value !== "object" || !Object.hasOwn(value, key)) return undefined;
    value = (value as Record<string, unknown>)[key];
  }
  return value;
}

const dynamicMetadata: Command = {
  parameters: "required",
  length: true,
  build(parameters, maxLength) {
    const [namespace = "", ...keys] = parameters.split(":");
    return new JsonOperator((info) => metadataValue(info, namespace, keys), maxLength, false);
  },
};

const metadata: Command = {
  parameters: "required",
  length: true,
  build(parameters, maxLength) {
    const [kind = "", namespace = "", ...keys] = parameters.split(":");
    if (kind === "DYNAMIC") {
      return new JsonOperator((info) => metadataValue(info, namespace, keys), maxLength, false);
    }
    const known = [
      "CLUSTER",
      "ROUTE",
      "UPSTREAM_HOST",
      "LISTENER",
      "LISTENER_FILTER_CHAIN",
      "VIRTUAL_HOST",
    ];
    if (known.includes(kind)) throw new Error(`METADATA(${kind}) is not supported by Legate`);
    throw new Error(`${kind} is not supported type of metadata`);
  },
};

const filterState: Command = {
  parameters: "optional",
  length: true,
  build(parameters, maxLength) {
    const [key = "", kind = "TYPED", field = ""] = parameters.split(":");
    if (key === "") throw new Error("Invalid filter state configuration, key cannot be empty.");
    switch (kind) {
      case "TYPED":
        return new JsonOperator((info) => info.filterState?.get(key), maxLength, true);
      case "PLAIN":
        return new TextOperator((info) => {
          const value = info.filterState?.get(key);
          return value === undefined ? null : truncate(toLatin1(String(value)), maxLength);
        });
      case "FIELD":
        return new JsonOperator(
          (info) => fieldOf(info.filterState?.get(key), field),
          maxLength,
          false,
        );
      default:
        throw new Error("Invalid filter state serialize type, only support PLAIN/TYPED/FIELD.");
    }
  },
};

function fieldOf(value: unknown, field: string): unknown {
  if (value === null || typeof value !== "object" || !Object.hasOwn(value, field)) return undefined;
  return (value as Record<string, unknown>)[field];
}

const environment: Command = {
  parameters: "required",
  length: true,
  build(name, maxLength) {
    const value = process.env[name];
    const text = value === undefined ? null : truncate(toLatin1(value), maxLength);
    return new TextOperator(() => text);
  },
};

const requestedServerName: Command = {
  parameters: "optional",
  length: false,
  build(parameters) {
    const [option = ""] = parameters.split(":");
    if (option === "" || option === "SNI_ONLY")
      return new TextOperator((info) => info.requestedServerName);
    if (option === "SNI_FIRST" || option === "HOST_FIRST") {
      throw new Error(`REQUESTED_SERVER_NAME(${option}) is not supported by Legate`);
    }
    throw new Error(
      `Invalid REQUESTED_SERVER_NAME option: '${option}', only 'SNI_ONLY'/'SNI_FIRST'/'HOST_FIRST' are allowed`,
    );
  },
};

const HOST_NAME = hostname();

export const streamCommands: Readonly<Record<string, Command>> = {
  PROTOCOL: plainText((info) => info.protocol),
  RESPONSE_CODE: plainNumber((info) => info.responseCode),
  RESPONSE_CODE_DETAILS: responseCodeDetails,
  RESPONSE_FLAGS: plainText((info) => shortResponseFlags(info.responseFlags)),
  RESPONSE_FLAGS_LONG: plainText((info) => longResponseFlags(info.responseFlags)),
  GRPC_STATUS: grpcStatusText,
  GRPC_STATUS_NUMBER: plainNumber(statusOf),
  BYTES_RECEIVED: plainNumber((info) => info.bytesReceived),
  BYTES_SENT: plainNumber((info) => info.bytesSent),
  LOCAL_REPLY_BODY: plainText((info) => info.localReplyBody),
  ROUTE_NAME: plainText((info) => info.routeName || null),
  STREAM_ID: plainText((info) => info.requestHeaders?.get("x-request-id") ?? null),
  UNIQUE_ID: plainText(() => randomUUID()),
  // Only ends of streams are logged; elsewhere (headers, local replies) Envoy prints NotSet.
  ACCESS_LOG_TYPE: plainText((info) => (info.isComplete ? "DownstreamEnd" : "NotSet")),
  UPSTREAM_CLUSTER: plainText((info) => info.upstreamCluster || null),
  UPSTREAM_CLUSTER_RAW: plainText((info) => info.upstreamCluster || null),
  UPSTREAM_PROTOCOL: plainText((info) => info.upstreamProtocol),
  UPSTREAM_CONNECTION_ID: plainNumber((info) => info.upstreamConnectionId || -1),
  UPSTREAM_REQUEST_ATTEMPT_COUNT: plainNumber((info) => info.attemptCount),
  UPSTREAM_TRANSPORT_FAILURE_REASON: plainText((info) =>
    withoutSpaces(info.upstreamTransportFailureReason || null),
  ),
  CONNECTION_ID: plainNumber((info) => info.connectionId),
  CONNECTION_TERMINATION_DETAILS: plainText((info) => info.connectionTerminationDetails),
  REQUESTED_SERVER_NAME: requestedServerName,
  FILTER_CHAIN_NAME: plainText((info) => info.filterChainName || null),
  DYNAMIC_METADATA: dynamicMetadata,
  METADATA: metadata,
  FILTER_STATE: filterState,
  ENVIRONMENT: environment,
  HOSTNAME: plainText(() => HOST_NAME),
};
