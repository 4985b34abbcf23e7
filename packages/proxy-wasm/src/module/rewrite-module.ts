/**
 * Changes a module before it is compiled: caps its memory, and turns its start section into an export,
 * because imports that run inside instantiation would find no memory yet.
 */
import { BinaryReader, pushU32 } from "./leb128.ts";

const PAGE_BYTES = 65_536;
const SECTION = { Custom: 0, Import: 2, Memory: 5, Export: 7, Start: 8 } as const;
const KIND = { Function: 0, Table: 1, Memory: 2, Global: 3 } as const;

/** The export under which a start function is found. */
export const START_EXPORT = "legate:start";

export interface RewrittenModule {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Limits of the imported memory, pages; null when the module has its own. */
  readonly importedMemory: { readonly initial: number; readonly maximum: number } | null;
}

/** Throws an Error with the text that Envoy prints for such a module, or one that names the limit. */
export function rewriteModule(bytes: Uint8Array, maxMemoryBytes: number): RewrittenModule {
  const maxPages = Math.floor(maxMemoryBytes / PAGE_BYTES);
  try {
    return new Rewriter(bytes, maxPages).run();
  } catch (error) {
    if (error instanceof RangeError) throw new Error("Failed to parse corrupted Wasm module");
    throw error;
  }
}

class Rewriter {
  private readonly bytes: Uint8Array;
  private readonly maxPages: number;
  private readonly parts: (Uint8Array | number[])[] = [];
  private startFunction = -1;
  private importedMemory: RewrittenModule["importedMemory"] = null;

  constructor(bytes: Uint8Array, maxPages: number) {
    this.bytes = bytes;
    this.maxPages = maxPages;
  }

  run(): RewrittenModule {
    const magic = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];
    if (magic.some((byte, i) => this.bytes[i] !== byte)) throw new RangeError("not a module");
    this.startFunction = this.findStart();
    this.parts.push(this.bytes.subarray(0, 8));
    let hasExports = false;
    for (const { id, start, bodyStart, end } of sections(this.bytes)) {
      if (
        id === SECTION.Start ||
        (id === SECTION.Custom && isPrecompiled(this.bytes, bodyStart, end))
      )
        continue;
      if (id === SECTION.Import) this.readImports(bodyStart, end);
      if (id === SECTION.Memory) this.pushSection(id, this.cappedMemories(bodyStart, end));
      else if (id === SECTION.Export && this.startFunction >= 0) {
        this.pushSection(id, this.exportsWithStart(bodyStart, end));
        hasExports = true;
      } else this.parts.push(this.bytes.subarray(start, end));
    }
    if (this.startFunction >= 0 && !hasExports) throw new RangeError("no exports");
    return { bytes: joined(this.parts), importedMemory: this.importedMemory };
  }

  private findStart(): number {
    for (const { id, bodyStart, end } of sections(this.bytes))
      if (id === SECTION.Start) return new BinaryReader(this.bytes, bodyStart, end).u32();
    return -1;
  }

  private pushSection(id: number, body: number[]): void {
    const head = [id];
    pushU32(head, body.length);
    this.parts.push(head, body);
  }

  private cappedMemories(start: number, end: number): number[] {
    const reader = new BinaryReader(this.bytes, start, end);
    const count = reader.u32();
    const body: number[] = [];
    pushU32(body, count);
    for (let i = 0; i < count; i++) {
      const { flags, initial, maximum } = this.readLimits(reader);
      body.push(flags | 1);
      pushU32(body, initial);
      pushU32(body, maximum);
    }
    return body;
  }

  /** Limits with the cap applied. */
  private readLimits(reader: BinaryReader): { flags: number; initial: number; maximum: number } {
    const flags = reader.byte();
    if (flags > 1)
      throw new Error("Wasm module uses shared or 64-bit memory, which is not supported");
    const initial = reader.u32();
    const declared = flags === 1 ? reader.u32() : Number.POSITIVE_INFINITY;
    if (initial > this.maxPages)
      throw new Error(
        `Wasm module needs ${initial * PAGE_BYTES} bytes of memory, more than the limit of ${this.maxPages * PAGE_BYTES}`,
      );
    return { flags, initial, maximum: Math.min(declared, this.maxPages) };
  }

  private readImports(start: number, end: number): void {
    const reader = new BinaryReader(this.bytes, start, end);
    const count = reader.u32();
    for (let i = 0; i < count; i++) {
      reader.name();
      reader.name();
      const kind = reader.byte();
      if (kind === KIND.Function) reader.u32();
      else if (kind === KIND.Table) {
        reader.byte();
        if (reader.byte() === 1) reader.u32();
        reader.u32();
      } else if (kind === KIND.Memory) this.importedMemory = this.readLimits(reader);
      else if (kind === KIND.Global) reader.skip(2);
      else throw new RangeError("unknown import kind");
    }
  }

  private exportsWithStart(start: number, end: number): number[] {
    const reader = new BinaryReader(this.bytes, start, end);
    const body: number[] = [];
    pushU32(body, reader.u32() + 1);
    for (let i = reader.position; i < end; i++) body.push(this.bytes[i]!);
    const name = new TextEncoder().encode(START_EXPORT);
    pushU32(body, name.length);
    body.push(...name, KIND.Function);
    pushU32(body, this.startFunction);
    return body;
  }
}

function* sections(
  bytes: Uint8Array,
): Generator<{ id: number; start: number; bodyStart: number; end: number }> {
  const reader = new BinaryReader(bytes, 8);
  while (!reader.isAtEnd) {
    const start = reader.position;
    const id = reader.byte();
    const size = reader.u32();
    const bodyStart = reader.position;
    reader.skip(size);
    yield { id, start, bodyStart, end: reader.position };
  }
}

/** Custom sections with machine code for another engine. */
function isPrecompiled(bytes: Uint8Array, start: number, end: number): boolean {
  return new BinaryReader(bytes, start, end).name().includes("precompiled_");
}

function joined(parts: readonly (Uint8Array | number[])[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
