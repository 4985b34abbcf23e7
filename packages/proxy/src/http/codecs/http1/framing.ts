/** What both codecs read out of Content-Length, and the h2c rule. */
import type { HeaderMap } from "../../header-map.ts";
import { equalsIgnoreCase } from "./characters.ts";

const MAX_LENGTH = "18446744073709551615";

/** Digits only and below 2^64, else -1. Lengths above 2^53 are inexact, none arrives whole. */
export function parseContentLength(text: string): number {
  let length = 0;
  let zeros = 0;
  if (text === "") return -1;
  for (let i = 0; i < text.length; i++) {
    const digit = text.charCodeAt(i) - 48;
    if (digit < 0 || digit > 9) return -1;
    length = length * 10 + digit;
    if (length === 0) zeros++;
  }
  const digits = text.length - zeros;
  if (digits < MAX_LENGTH.length) return length;
  return digits > MAX_LENGTH.length || text.slice(zeros) > MAX_LENGTH ? -1 : length;
}

/** `Upgrade: h2c` is overlooked: it goes, and with it what Connection says of it. */
export function removeH2cUpgrade(headers: HeaderMap, connection: string): void {
  headers.remove("upgrade");
  headers.remove("http2-settings");
  const kept: string[] = [];
  for (const token of connection.split(",")) {
    const name = token.trim();
    if (equalsIgnoreCase(name, "upgrade") || equalsIgnoreCase(name, "http2-settings")) continue;
    kept.push(name);
  }
  if (kept.length === 0) headers.remove("connection");
  else headers.set("connection", kept.join(","));
}
