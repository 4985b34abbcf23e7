/** Property values as guests read them: little-endian, by type. Source: Envoy, serializeValue. */

import type { HeaderMap } from "../abi/header-map.ts";
import { pairsSize, writePairs } from "../abi/pairs.ts";
import { writeLatin1 } from "../memory/latin1.ts";

const encoder = new TextEncoder();

/** Text whose characters are bytes: header values, addresses. */
export function latin1Property(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  writeLatin1(bytes, 0, text);
  return bytes;
}

/** Text in UTF-8: names of the configuration, metadata. */
export function textProperty(text: string): Uint8Array {
  return encoder.encode(text);
}

/** i64; timestamps and durations are nanoseconds. */
export function integerProperty(value: number | bigint): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigInt64(0, BigInt(value), true);
  return bytes;
}

export function doubleProperty(value: number): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setFloat64(0, value, true);
  return bytes;
}

export function booleanProperty(value: boolean): Uint8Array {
  return Uint8Array.of(value ? 1 : 0);
}

/** Pairs of names and values. */
export function mapProperty(map: HeaderMap): Uint8Array {
  const bytes = new Uint8Array(pairsSize(map));
  if (bytes.length > 0) writePairs(bytes, new DataView(bytes.buffer), 0, map);
  return bytes;
}
