/** Operators of the four ends of a request: downstream and upstream addresses. */
import type { Address, StreamInfo } from "@legate/filter-sdk";
import { type Command, plainNumber, plainText, TextOperator } from "./operator.ts";

type Source = (info: StreamInfo) => Address | null;

function withoutPort(source: Source): Command {
  return {
    parameters: "optional",
    length: false,
    build(parameters) {
      if (parameters === "") return new TextOperator((info) => source(info)?.ip ?? null);
      const prefix = parameters.replace(/^\//, "");
      if (!/^\d{1,3}$/.test(prefix) || Number(prefix) > 128) {
        throw new Error(`Invalid mask length: ${parameters}`);
      }
      return new TextOperator((info) => {
        const ip = source(info)?.ip;
        return ip === undefined ? null : mask(ip, Number(prefix));
      });
    },
  };
}

/** `10.1.0.0/16`; null if the prefix is longer than the address. */
function mask(ip: string, prefix: number): string | null {
  const isV6 = ip.includes(":");
  const groups = isV6 ? expandV6(ip) : ip.split(".").map(Number);
  const bits = isV6 ? 16 : 8;
  if (prefix > groups.length * bits) return null;
  const masked = groups.map((group, i) => {
    const kept = Math.min(bits, Math.max(0, prefix - i * bits));
    return group & ~((1 << (bits - kept)) - 1);
  });
  if (!isV6) return `${masked.join(".")}/${prefix}`;
  const host = new URL(`http://[${masked.map((group) => group.toString(16)).join(":")}]`).hostname;
  return `${host.slice(1, -1)}/${prefix}`;
}

function expandV6(ip: string): number[] {
  const [head = "", tail] = (ip.split("%")[0] ?? "").split("::");
  const parse = (text: string): number[] =>
    text === "" ? [] : text.split(":").map((group) => parseInt(group, 16));
  if (tail === undefined) return parse(head);
  const first = parse(head);
  const last = parse(tail);
  return [...first, ...new Array(Math.max(0, 8 - first.length - last.length)).fill(0), ...last];
}

function address(name: string, source: Source): Record<string, Command> {
  return {
    [`${name}_ADDRESS`]: plainText((info) => source(info)?.text ?? null),
    [`${name}_ADDRESS_WITHOUT_PORT`]: withoutPort(source),
    [`${name}_PORT`]: plainNumber((info) => source(info)?.port ?? -1),
  };
}

const upstreamHost: Source = (info) => info.upstreamHostAddress;

/** The name of the host, or its address where it has none. */
function hostName(info: StreamInfo): string | null {
  return info.upstreamHostName || (info.upstreamHostAddress?.text ?? null);
}

function hostNameWithoutPort(info: StreamInfo): string | null {
  if (!info.upstreamHostName) return info.upstreamHostAddress?.ip ?? null;
  return info.upstreamHostName.replace(/:\d+$/, "");
}

export const addressCommands: Readonly<Record<string, Command>> = {
  ...address("DOWNSTREAM_REMOTE", (info) => info.downstreamRemoteAddress),
  ...address("DOWNSTREAM_DIRECT_REMOTE", (info) => info.downstreamDirectRemoteAddress),
  ...address("DOWNSTREAM_LOCAL", (info) => info.downstreamLocalAddress),
  ...address("DOWNSTREAM_DIRECT_LOCAL", (info) => info.downstreamLocalAddress),
  ...address("UPSTREAM_REMOTE", upstreamHost),
  ...address("UPSTREAM_LOCAL", (info) => info.upstreamLocalAddress),
  UPSTREAM_HOST: plainText((info) => info.upstreamHostAddress?.text ?? null),
  UPSTREAM_HOST_NAME: plainText(hostName),
  UPSTREAM_HOST_NAME_WITHOUT_PORT: plainText(hostNameWithoutPort),
};
