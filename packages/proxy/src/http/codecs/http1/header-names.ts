/**
 * Interned header names: raw name in a header block → lower-case name and what the codecs know of it.
 *
 * Perf: a raw name is found by a hash computed while its characters are checked, and compared in
 * place, so that no string is made for it. benchmarks/micro/http1-codec.ts.
 */
import { HeaderMap } from "../../header-map.ts";

/** Names that the codecs themselves read. */
export const Special = {
  None: 0,
  Host: 1,
  ContentLength: 2,
  TransferEncoding: 3,
  Connection: 4,
  Upgrade: 5,
} as const;

const SPECIALS: Readonly<Record<string, number>> = {
  host: Special.Host,
  "content-length": Special.ContentLength,
  "transfer-encoding": Special.TransferEncoding,
  connection: Special.Connection,
  upgrade: Special.Upgrade,
};

export class HeaderName {
  /** As it appeared. */
  readonly raw: string;
  /** As header maps hold it. */
  readonly name: string;
  readonly special: number;
  /** Repeated values are joined in one entry. */
  readonly isInline: boolean;
  readonly hasUnderscore: boolean;

  constructor(raw: string) {
    this.raw = raw;
    const lower = raw.toLowerCase();
    this.name = lower === "host" ? ":authority" : lower;
    this.special = SPECIALS[lower] ?? Special.None;
    const probe = new HeaderMap();
    probe.add(this.name, "1");
    probe.add(this.name, "2");
    this.isInline = probe.size === 1;
    this.hasUnderscore = lower.includes("_");
  }
}

const SLOTS = 2048;
/** Longer names are not remembered, so that the table's memory is bounded. */
const MAX_REMEMBERED_LENGTH = 64;
const table: (HeaderName | undefined)[] = new Array(SLOTS).fill(undefined);

/** The name [start, end) of `text`, all token characters; `hash` is any function of them. */
export function headerNameOf(text: string, start: number, end: number, hash: number): HeaderName {
  const slot = (hash ^ (hash >>> 11)) & (SLOTS - 1);
  const known = table[slot];
  if (
    known !== undefined &&
    known.raw.length === end - start &&
    text.startsWith(known.raw, start)
  ) {
    return known;
  }
  // A copy: a slice would keep the whole block alive.
  const made = new HeaderName(Buffer.from(text.slice(start, end), "latin1").toString("latin1"));
  if (end - start <= MAX_REMEMBERED_LENGTH) table[slot] = made;
  return made;
}
