/** Values of a google.protobuf.Struct, held as JSON, as property bytes. */
import { booleanProperty, doubleProperty, textProperty, WasmResult } from "@legate/proxy-wasm";

/** The value at `path`; objects and lists become pairs, null can't be given. */
export function jsonProperty(root: unknown, path: readonly string[]): Uint8Array | WasmResult {
  let value = root;
  for (const segment of path) {
    if (typeof value !== "object" || value === null) return WasmResult.NotFound;
    if (!Object.hasOwn(value, segment)) return WasmResult.NotFound;
    value = (value as Record<string, unknown>)[segment];
  }
  return encode(value) ?? WasmResult.SerializationFailure;
}

function encode(value: unknown): Uint8Array | null {
  switch (typeof value) {
    case "string":
      return textProperty(value);
    case "number":
      return doubleProperty(value);
    case "boolean":
      return booleanProperty(value);
  }
  if (typeof value !== "object" || value === null) return null;
  const pairs: [Uint8Array, Uint8Array][] = [];
  const entries = Array.isArray(value)
    ? value.map((item) => [encode(item), new Uint8Array(0)] as const)
    : Object.entries(value).map(([key, item]) => [textProperty(key), encode(item)] as const);
  for (const [key, item] of entries) {
    if (key === null || item === null) return null;
    pairs.push([key, item]);
  }
  return encodePairs(pairs);
}

function encodePairs(pairs: readonly (readonly [Uint8Array, Uint8Array])[]): Uint8Array {
  const size = pairs.reduce((sum, [key, value]) => sum + 10 + key.length + value.length, 4);
  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, pairs.length, true);
  let at = 4 + 8 * pairs.length;
  pairs.forEach(([key, value], i) => {
    view.setUint32(4 + 8 * i, key.length, true);
    view.setUint32(8 + 8 * i, value.length, true);
    bytes.set(key, at);
    bytes.set(value, at + key.length + 1);
    at += key.length + value.length + 2;
  });
  return bytes;
}
