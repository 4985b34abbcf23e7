/** Takes absolute request targets and CONNECT's authorities apart, by the rules of Envoy's codec. */
import { AUTHORITY, HEX, TOKEN, URL_AUTHORITY } from "./characters.ts";

export const INVALID_URL = "http1.invalid_url";
export const INVALID_SCHEME = "http1.invalid_scheme";

function isAlpha(c: number): boolean {
  return (c | 32) >= 97 && (c | 32) <= 122;
}
function isDigit(c: number): boolean {
  return c >= 48 && c <= 57;
}

/** The first look, together with the request line: its failure is a plain codec error. */
export function isTargetValid(target: string, isConnect: boolean): boolean {
  if (target === "") return false;
  const first = target.charCodeAt(0);
  let position = 0;
  if (first !== 47 && first !== 42) {
    if (!isConnect) {
      if (!isAlpha(first)) return false;
      let c = target.charCodeAt(++position);
      while (isAlpha(c) || isDigit(c) || c === 43 || c === 45 || c === 46) {
        c = target.charCodeAt(++position);
      }
      if (!target.startsWith("://", position)) return false;
      position += 3;
    }
    for (; position < target.length; position++) {
      const c = target.charCodeAt(position);
      if (c === 47 || c === 63) break;
      if (URL_AUTHORITY[c] !== 1) return false;
      if (c === 64 && target.charCodeAt(position + 1) === 64) return false;
    }
  }
  for (; position < target.length; position++) {
    const c = target.charCodeAt(position);
    if (c < 33 || c > 126) return false;
  }
  return true;
}

/** Parts of a target, set by splitTarget. */
export const targetParts = { authority: "", path: "" };

/** Returns "" or the fault's details. CONNECT's targets have no path: `path` is "" then. */
export function splitTarget(target: string, isConnect: boolean): string {
  let start = 0;
  let isSchemeKnown = true;
  if (!isConnect) {
    const scheme = target.indexOf("://");
    // Only a target beginning with `*` has none.
    if (scheme < 0) return INVALID_URL;
    const name = target.slice(0, scheme).toLowerCase();
    isSchemeKnown = name === "http" || name === "https";
    start = scheme + 3;
  }
  let end = start;
  while (end < target.length) {
    const c = target.charCodeAt(end);
    if (c === 47 || c === 63) break;
    end++;
  }
  if (isConnect && end < target.length) return INVALID_URL;
  const at = target.lastIndexOf("@", end - 1);
  for (let i = start; i < at; i++) {
    const c = target.charCodeAt(i);
    if (c === 64 || c === 91 || c === 93) return INVALID_URL;
  }
  const authority = target.slice(at >= start ? at + 1 : start, end);
  if (!isHostAndPort(authority, isConnect)) return INVALID_URL;
  if (!isSchemeKnown) return INVALID_SCHEME;
  targetParts.authority = authority;
  targetParts.path = isConnect ? "" : end === target.length ? "/" : target.slice(end);
  return "";
}

function isHostAndPort(authority: string, isPortRequired: boolean): boolean {
  let position = 0;
  if (authority.charCodeAt(0) === 91) {
    position = authority.indexOf("]");
    if (position < 2) return false;
    for (let i = 1; i < position; i++) {
      const c = authority.charCodeAt(i);
      if (HEX[c]! < 0 && c !== 58 && c !== 46) return false;
    }
    position++;
  } else {
    while (position < authority.length) {
      const c = authority.charCodeAt(position);
      if (!isAlpha(c) && !isDigit(c) && c !== 45 && c !== 46) break;
      position++;
    }
    if (position === 0) return false;
  }
  if (position === authority.length) return !isPortRequired;
  if (authority.charCodeAt(position) !== 58) return false;
  let port = 0;
  if (++position === authority.length) return false;
  for (; position < authority.length; position++) {
    const c = authority.charCodeAt(position);
    if (!isDigit(c)) return false;
    port = port * 10 + c - 48;
    if (port > 65_535) return false;
  }
  return true;
}

/** Whether `:authority` has legal characters only. Source: HeaderUtility::authorityIsValid. */
export function isAuthorityValid(authority: string): boolean {
  for (let i = 0; i < authority.length; i++) {
    if (AUTHORITY[authority.charCodeAt(i)] !== 1) return false;
  }
  return true;
}

/** Whether all characters are of a token; "" is none. */
export function isToken(text: string): boolean {
  if (text === "") return false;
  for (let i = 0; i < text.length; i++) if (!TOKEN[text.charCodeAt(i)]) return false;
  return true;
}
