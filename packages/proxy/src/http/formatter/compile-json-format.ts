/** A Struct whose strings are formats → Formatter that prints one JSON object per line. */
import type { StreamInfo } from "@legate/filter-sdk";
import { compileFormat, type FormatOptions } from "./compile-format.ts";
import type { Formatter, FormatValue } from "./contracts.ts";
import { toLatin1 } from "./operator.ts";

/** A Struct of config, as JSON. */
export type JsonStruct = { readonly [key: string]: unknown };

/** Throws FormatError. Keys come out sorted; values of single operators keep their type. */
export function compileJsonFormat(struct: JsonStruct, options: FormatOptions = {}): Formatter {
  return new JsonFormatter(compileNode(struct, options), options.omitEmpty === true);
}

/** Prints itself as JSON; null when it is to be left out. */
interface Node {
  print(info: StreamInfo, omitEmpty: boolean): string | null;
  value(info: StreamInfo, omitEmpty: boolean): FormatValue;
}

function compileNode(source: unknown, options: FormatOptions): Node {
  if (typeof source === "string") return new LeafNode(compileFormat(source, options));
  if (Array.isArray(source)) {
    return new ListNode(source.map((item) => compileNode(item, options)));
  }
  if (source !== null && typeof source === "object") {
    const keys = Object.keys(source).sort();
    const nodes = keys.map((key) => compileNode((source as JsonStruct)[key], options));
    return new ObjectNode(keys.map(toLatin1), nodes);
  }
  return new ConstantNode(source as FormatValue);
}

class LeafNode implements Node {
  private readonly formatter: Formatter;

  constructor(formatter: Formatter) {
    this.formatter = formatter;
  }

  print(info: StreamInfo, omitEmpty: boolean): string | null {
    const value = this.formatter.formatValue(info);
    if (value === null && omitEmpty) return null;
    if (typeof value === "number") return String(value);
    return JSON.stringify(value);
  }

  value(info: StreamInfo): FormatValue {
    return this.formatter.formatValue(info);
  }
}

class ConstantNode implements Node {
  private readonly constant: FormatValue;
  private readonly text: string;

  constructor(constant: FormatValue) {
    this.constant = constant;
    this.text = JSON.stringify(constant);
  }

  print(): string {
    return this.text;
  }

  value(): FormatValue {
    return this.constant;
  }
}

class ListNode implements Node {
  private readonly items: readonly Node[];

  constructor(items: readonly Node[]) {
    this.items = items;
  }

  print(info: StreamInfo, omitEmpty: boolean): string {
    const texts: string[] = [];
    for (const item of this.items) {
      const text = item.print(info, omitEmpty);
      if (text !== null) texts.push(text);
    }
    return `[${texts.join(",")}]`;
  }

  value(info: StreamInfo, omitEmpty: boolean): FormatValue {
    return this.items
      .map((item) => item.value(info, omitEmpty))
      .filter((value) => !omitEmpty || value !== null);
  }
}

class ObjectNode implements Node {
  private readonly keys: readonly string[];
  private readonly prefixes: readonly string[];
  private readonly nodes: readonly Node[];

  constructor(keys: readonly string[], nodes: readonly Node[]) {
    this.keys = keys;
    this.prefixes = keys.map((key) => `${JSON.stringify(key)}:`);
    this.nodes = nodes;
  }

  print(info: StreamInfo, omitEmpty: boolean): string {
    let text = "{";
    for (let i = 0; i < this.nodes.length; i++) {
      const value = this.nodes[i]!.print(info, omitEmpty);
      if (value === null) continue;
      text += (text === "{" ? "" : ",") + this.prefixes[i]! + value;
    }
    return `${text}}`;
  }

  value(info: StreamInfo, omitEmpty: boolean): FormatValue {
    const object: { [key: string]: FormatValue } = {};
    for (let i = 0; i < this.nodes.length; i++) {
      const value = this.nodes[i]!.value(info, omitEmpty);
      if (value !== null || !omitEmpty) object[this.keys[i]!] = value;
    }
    return object;
  }
}

class JsonFormatter implements Formatter {
  private readonly root: Node;
  private readonly omitEmpty: boolean;

  constructor(root: Node, omitEmpty: boolean) {
    this.root = root;
    this.omitEmpty = omitEmpty;
  }

  /** One line, with its newline. */
  format(info: StreamInfo): string {
    return `${this.root.print(info, this.omitEmpty)}\n`;
  }

  formatValue(info: StreamInfo): FormatValue {
    return this.root.value(info, this.omitEmpty);
  }
}
