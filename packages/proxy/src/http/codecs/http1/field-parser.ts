/**
 * Parses a complete block of header or trailer lines, and keeps what the codecs need of it: framing
 * and connection headers. The rules are those of quiche's BalsaFrame as Envoy sets it up.
 */
import type { HeaderMap } from "../../header-map.ts";
import { hasInvalid, INVALID, TOKEN } from "./characters.ts";
import { headerNameOf, Special } from "./header-names.ts";
import { HeadersWithUnderscores } from "./options.ts";
import type { Http1CodecStats } from "./stats.ts";

export const CODEC_ERROR = "http1.codec_error";
export const INVALID_CHARACTERS = "http1.invalid_characters";
export const TOO_MANY_HEADERS = "http1.too_many_headers";
export const UNEXPECTED_UNDERSCORE = "http1.unexpected_underscore";

/** What can be different from codec to codec. */
export interface FieldOptions {
  readonly headersWithUnderscores: HeadersWithUnderscores;
  readonly maxHeadersCount: number;
}

export const BlockKind = { Request: 0, Response: 1, Trailers: 2 } as const;
export type BlockKind = (typeof BlockKind)[keyof typeof BlockKind];

const NO_HEADERS = -1;

/** One per thread serves all codecs: its fields are read right after `parse`. */
class FieldParser {
  /** Details of the fault, or "". Set by parse, as all below. */
  error = "";
  /** Requests only: repeated ones joined; not in the map. */
  host: string | null = null;
  contentLength: string | null = null;
  transferEncoding: string | null = null;
  connection: string | null = null;
  upgrade: string | null = null;

  /**
   * Adds the lines from `start` on to `headers`, a request's Host excepted. `text` holds the blank line that ends the block;
   * character i is `bytes[base + i]`, as loops over bytes are faster than over text.
   * benchmarks/micro/http1-codec.ts.
   * Returns where the block ends; on a fault, -1.
   */
  parse(
    text: string,
    bytes: Uint8Array,
    base: number,
    start: number,
    headers: HeaderMap,
    kind: BlockKind,
    options: FieldOptions,
    stats: Http1CodecStats | null,
  ): number {
    this.error = "";
    this.host = null;
    this.contentLength = null;
    this.transferEncoding = null;
    this.connection = null;
    this.upgrade = null;
    const { names, values } = headers;
    const { headersWithUnderscores } = options;
    let maxSize = names.length + options.maxHeadersCount;
    /** A fault that Envoy finds only after the whole block is well-formed. */
    let lateError = "";
    let position = start;
    for (;;) {
      let c = bytes[base + position]!;
      if (c === 10) {
        position++;
        break;
      }
      if (c === 13 && bytes[base + position + 1]! === 10) {
        position += 2;
        break;
      }
      const nameStart = position;
      let hash = 0;
      while (TOKEN[c]! > 0) {
        hash = (Math.imul(hash, 31) + c) | 0;
        c = bytes[base + ++position]!;
      }
      if (c !== 58 || position === nameStart) return this.fail(text, nameStart, CODEC_ERROR);
      const name = headerNameOf(text, nameStart, position, hash);
      do c = bytes[base + ++position]!;
      while (c === 32 || c === 9);
      let valueStart = position;
      while (c > 31 ? c !== 127 : c === 9) c = bytes[base + ++position]!;
      let valueEnd = position;
      let isPlain = true;
      if (c === 13 && bytes[base + position + 1]! === 10) position++;
      else if (c !== 10) {
        if (INVALID[c] === 1) return this.fail(text, nameStart, INVALID_CHARACTERS);
        // A bare CR: to the line's end.
        position = text.indexOf("\n", position);
        valueEnd = position;
        isPlain = false;
      }
      c = bytes[base + ++position]!;
      if (c === 32 || c === 9) {
        do {
          position = text.indexOf("\n", position) + 1;
          c = bytes[base + position]!;
        } while (c === 32 || c === 9);
        valueEnd = position;
        isPlain = false;
      }
      if (c === 13 && bytes[base + position + 1]! !== 10) {
        return this.fail(text, nameStart, CODEC_ERROR);
      }
      if (!isPlain) {
        if (hasInvalid(text, valueStart, valueEnd)) {
          return this.fail(text, nameStart, INVALID_CHARACTERS);
        }
        while (valueStart < valueEnd && bytes[base + valueStart]! <= 32) valueStart++;
      }
      while (valueEnd > valueStart && bytes[base + valueEnd - 1]! <= 32) valueEnd--;
      let value = text.substring(valueStart, valueEnd);
      if (!isPlain) value = value.replaceAll("\r", "").replaceAll("\n", "");
      if (name.special !== Special.None && kind !== BlockKind.Trailers) {
        switch (name.special) {
          case Special.Host:
            if (kind === BlockKind.Response) break;
            if (this.host === null) {
              this.host = value;
              maxSize--;
            } else this.host += `,${value}`;
            continue;
          case Special.ContentLength:
            if (this.contentLength !== null) return this.fail(text, nameStart, CODEC_ERROR);
            this.contentLength = value;
            break;
          case Special.TransferEncoding:
            this.transferEncoding =
              this.transferEncoding === null ? value : `${this.transferEncoding},${value}`;
            break;
          case Special.Connection:
            this.connection = this.connection === null ? value : `${this.connection},${value}`;
            break;
          default:
            this.upgrade = this.upgrade === null ? value : `${this.upgrade},${value}`;
        }
      }
      if (name.hasUnderscore && headersWithUnderscores !== HeadersWithUnderscores.Allow) {
        if (headersWithUnderscores === HeadersWithUnderscores.Drop) {
          stats?.droppedHeadersWithUnderscores.inc();
          continue;
        }
        if (lateError === "") {
          stats?.requestsRejectedWithUnderscores.inc();
          lateError = UNEXPECTED_UNDERSCORE;
        }
      }
      if (name.isInline && names.indexOf(name.name) >= 0) headers.add(name.name, value);
      else {
        names.push(name.name);
        values.push(value);
        if (names.length > maxSize && lateError === "") lateError = TOO_MANY_HEADERS;
      }
    }
    if (names.length > maxSize && lateError === "") lateError = TOO_MANY_HEADERS;
    if (lateError !== "") {
      this.error = lateError;
      return NO_HEADERS;
    }
    return position;
  }

  /** An invalid character anywhere in the block is found before any other fault. */
  private fail(text: string, from: number, error: string): number {
    this.error = hasInvalid(text, from, findBlockEnd(text, from)) ? INVALID_CHARACTERS : error;
    return NO_HEADERS;
  }
}

export const fieldParser = new FieldParser();

/** Where the block that [from …] belongs to ends: after the first blank line; -1 without one. */
export function findBlockEnd(text: string, from: number): number {
  for (let lf = text.indexOf("\n", from); lf >= 0; lf = text.indexOf("\n", lf + 1)) {
    const c = text.charCodeAt(lf + 1);
    if (c === 10) return lf + 2;
    if (c === 13 && text.charCodeAt(lf + 2) === 10) return lf + 3;
  }
  return -1;
}
