/**
 * Pairs, the ABI's serialisation of header maps: `u32 count`, then per pair `u32 name length, u32
 * value length`, then per pair `name NUL value NUL`; little-endian.
 */
import { latin1Slice, writeLatin1 } from "../memory/latin1.ts";
import type { HeaderMap } from "./header-map.ts";

/** Limits on what a guest sends. Source: proxy-wasm-cpp-host, limits.h. */
const MAX_PAIRS = 1024;
const MAX_BYTES = 1024 * 1024;

/** Bytes of the serialised map; 0 for an empty one, which guests get as no block at all. */
export function pairsSize(map: HeaderMap): number {
  return map.size === 0 ? 0 : 4 + 10 * map.size + map.byteSize;
}

/** Writes pairsSize(map) bytes at `start`, which must fit. */
export function writePairs(bytes: Uint8Array, view: DataView, start: number, map: HeaderMap): void {
  const count = map.size;
  view.setUint32(start, count, true);
  let length = start + 4;
  let text = length + 8 * count;
  for (let i = 0; i < count; i++) {
    const name = map.nameAt(i);
    const value = map.valueAt(i);
    view.setUint32(length, name.length, true);
    view.setUint32(length + 4, value.length, true);
    length += 8;
    writeLatin1(bytes, text, name);
    text += name.length;
    bytes[text++] = 0;
    writeLatin1(bytes, text, value);
    text += value.length;
    bytes[text++] = 0;
  }
}

/**
 * Names (lowercased) and values in turn; null for a malformed block or one above the limits. No bytes,
 * one zero byte and a zero count all mean an empty map.
 */
export function readPairs(
  bytes: Uint8Array,
  view: DataView,
  start: number,
  size: number,
): string[] | null {
  if (size === 0 || (size === 1 && bytes[start] === 0)) return [];
  if (size < 4 || size > MAX_BYTES) return null;
  const count = view.getUint32(start, true);
  const end = start + size;
  if (count > MAX_PAIRS || 4 + 8 * count > size) return null;
  const pairs: string[] = [];
  let text = start + 4 + 8 * count;
  for (let i = 0; i < count; i++) {
    const lengths = start + 4 + 8 * i;
    const nameEnd = text + view.getUint32(lengths, true);
    const valueEnd = nameEnd + 1 + view.getUint32(lengths + 4, true);
    if (valueEnd + 1 > end || bytes[nameEnd] !== 0 || bytes[valueEnd] !== 0) return null;
    pairs.push(latin1Slice(bytes, text, nameEnd).toLowerCase());
    pairs.push(latin1Slice(bytes, nameEnd + 1, valueEnd));
    text = valueEnd + 1;
  }
  return text === end ? pairs : null;
}
