/** Who sent the request: x-forwarded-for, trusted hops, internal or external, edge or not. */
import { type BlockList, isIP } from "node:net";
import type { Address as AddressContract } from "@legate/filter-sdk";
import type { HeaderMap } from "../../http/header-map.ts";
import { Address } from "../../network/address.ts";

export interface ForwardedOptions {
  /** HttpConnectionManager.use_remote_address. */
  readonly usesRemoteAddress: boolean;
  readonly xffNumTrustedHops: number;
  readonly skipsXffAppend: boolean;
  /** internal_address_config.cidr_ranges; null: no address is internal. */
  readonly internalRanges: BlockList | null;
}

export interface Origin {
  readonly address: AddressContract;
  readonly isInternal: boolean;
  /** This proxy is the edge for the request. */
  readonly isEdge: boolean;
}

/** Address `hops` from the right in x-forwarded-for, or null when it is missing or no address. */
function addressFromXff(xff: string, hops: number): Address | null {
  const parts = xff.split(",");
  const index = parts.length - 1 - hops;
  if (index < 0) return null;
  const text = parts[index]!.trim();
  return isIP(text) === 0 ? null : new Address(text, 0);
}

/** The peer as x-forwarded-for shows it: a loopback peer is written as this machine sees itself. */
function peerText(peer: AddressContract, local: AddressContract): string {
  const isLoopback = peer.ip === "127.0.0.1" || peer.ip === "::1";
  return isLoopback ? loopbackReplacement(local) : peer.ip;
}

let ownAddress: string | null = null;

/** Set once at start: the first address of this machine that is not loopback, else 127.0.0.1. */
export function setOwnAddress(address: string): void {
  ownAddress = address;
}

function loopbackReplacement(local: AddressContract): string {
  return ownAddress ?? local.ip;
}

/** Appends the peer to x-forwarded-for where config wants it, and tells who sent the request. */
export function findOrigin(
  headers: HeaderMap,
  options: ForwardedOptions,
  peer: AddressContract,
  local: AddressContract,
): Origin {
  const xff = headers.get("x-forwarded-for");
  if (options.usesRemoteAddress) {
    let address = peer;
    if (options.xffNumTrustedHops > 0 && xff !== undefined)
      address = addressFromXff(xff, options.xffNumTrustedHops - 1) ?? peer;
    if (!options.skipsXffAppend) {
      const own = peerText(peer, local);
      headers.set("x-forwarded-for", xff === undefined || xff === "" ? own : `${xff},${own}`);
    }
    const isInternal = xff === undefined && isInternalAddress(peer.ip, options.internalRanges);
    return { address, isInternal, isEdge: !isInternal };
  }
  if (xff === undefined || xff === "") return { address: peer, isInternal: false, isEdge: false };
  const address = addressFromXff(xff, options.xffNumTrustedHops) ?? peer;
  const isInternal = !xff.includes(",") && isInternalAddress(xff.trim(), options.internalRanges);
  return { address, isInternal, isEdge: false };
}

function isInternalAddress(ip: string, ranges: BlockList | null): boolean {
  if (ranges === null) return false;
  const family = isIP(ip);
  return family !== 0 && ranges.check(ip, family === 6 ? "ipv6" : "ipv4");
}
