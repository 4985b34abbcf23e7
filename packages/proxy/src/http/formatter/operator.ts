/** One compiled piece of a format: reads one thing from a stream's info. */
import type { StreamInfo } from "@legate/filter-sdk";
import type { FormatValue } from "./contracts.ts";

export interface Operator {
  /** As text (latin1: one character, one byte); null when unset. */
  text(info: StreamInfo): string | null;
  /** As JSON value; null when unset. */
  value(info: StreamInfo): FormatValue;
}

/** What a command of the format language takes, and how it becomes an operator. */
export interface Command {
  readonly parameters: "none" | "optional" | "required";
  /** Whether `:Z` may follow. */
  readonly length: boolean;
  /** `maxLength` is Infinity when not given. Throws an Error with Envoy's text. */
  build(parameters: string, maxLength: number): Operator;
}

export class TextOperator implements Operator {
  readonly text: (info: StreamInfo) => string | null;
  readonly value: (info: StreamInfo) => FormatValue;

  constructor(read: (info: StreamInfo) => string | null) {
    this.text = read;
    this.value = read;
  }
}

export class NumberOperator implements Operator {
  private readonly read: (info: StreamInfo) => number;

  /** `read` gives -1 for unset. */
  constructor(read: (info: StreamInfo) => number) {
    this.read = read;
  }

  text(info: StreamInfo): string | null {
    const number = this.read(info);
    return number < 0 ? null : String(number);
  }

  value(info: StreamInfo): number | null {
    const number = this.read(info);
    return number < 0 ? null : number;
  }
}

/** A JSON value; its text is the string itself or JSON. */
export class JsonOperator implements Operator {
  private readonly read: (info: StreamInfo) => unknown;
  private readonly maxLength: number;
  private readonly isQuoted: boolean;

  /** `read` gives undefined for unset; `isQuoted`: strings too are printed as JSON. */
  constructor(read: (info: StreamInfo) => unknown, maxLength: number, isQuoted: boolean) {
    this.read = read;
    this.maxLength = maxLength;
    this.isQuoted = isQuoted;
  }

  text(info: StreamInfo): string | null {
    const value = this.read(info);
    if (value === undefined || value === null) return null;
    const text = typeof value === "string" && !this.isQuoted ? value : JSON.stringify(value);
    return text === undefined ? null : truncate(toLatin1(text), this.maxLength);
  }

  value(info: StreamInfo): FormatValue {
    const value = this.read(info);
    if (value === undefined) return null;
    if (typeof value === "string") return truncate(toLatin1(value), this.maxLength);
    return value as FormatValue;
  }
}

export function truncate(text: string, maxLength: number): string {
  return text.length > maxLength ? text.slice(0, maxLength) : text;
}

/** UTF-16 text as UTF-8 bytes, one character each, like header values. */
export function toLatin1(text: string): string {
  for (let i = 0; i < text.length; i++) {
    if (text.charCodeAt(i) > 0x7f) return Buffer.from(text, "utf8").toString("latin1");
  }
  return text;
}

/** A command without parameters that prints text. */
export function plainText(read: (info: StreamInfo) => string | null): Command {
  return { parameters: "none", length: false, build: () => new TextOperator(read) };
}

/** A command without parameters that prints a number; -1 is unset. */
export function plainNumber(read: (info: StreamInfo) => number): Command {
  return { parameters: "none", length: false, build: () => new NumberOperator(read) };
}
