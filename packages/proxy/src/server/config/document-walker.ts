/** Document nodes × descriptors → typed messages, with every problem on the way. */
import {
  create,
  type DescField,
  type DescMessage,
  fromJson,
  type JsonValue,
  type Message,
  ScalarType,
  toBinary,
} from "@bufbuild/protobuf";
import type { Any } from "@bufbuild/protobuf/wkt";
import { AnySchema } from "@bufbuild/protobuf/wkt";
import { isOneofRequired, registry, typeNameOfUrl } from "@legate/envoy-api";
import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type LineCounter,
  type Node,
  type Pair,
  type YAMLMap,
} from "yaml";
import type { HonouredFields } from "../../extension.ts";
import { nearest, type Place, type Problem } from "./problems.ts";
import { checkAbsent, checkValue } from "./rules.ts";
import { describe, scalarValue } from "./scalars.ts";

const MAX_DEPTH = 100;
const TYPED_STRUCTS = new Set(["xds.type.v3.TypedStruct", "udpa.type.v1.TypedStruct"]);
const WRAPPER =
  /^google\.protobuf\.(?:Double|Float|Int64|UInt64|Int32|UInt32|Bool|String|Bytes)Value$/;

export interface WalkOptions {
  readonly honoured: HonouredFields;
  readonly allowUnsupported: boolean;
  /** Types that may stand in an Any. */
  readonly extensionTypes: ReadonlySet<string>;
}

/** Where each message and field came from. */
export class SourceMap {
  readonly messages = new WeakMap<
    object,
    { readonly place: Place; readonly fields: Map<string, Place> }
  >();
  private readonly inner = new WeakMap<object, Message>();

  remember(any: Any, message: Message): void {
    this.inner.set(any, message);
  }

  /** The message inside an Any that was walked; null for others. */
  unpacked(any: Any): Message | null {
    return this.inner.get(any) ?? null;
  }

  /** The place of a message's field (proto name), or of the message; null for messages made elsewhere. */
  locate(message: object, field: string): Place | null {
    const known = this.messages.get(message);
    if (known === undefined) return null;
    const place = known.fields.get(field);
    if (place !== undefined) return place;
    const { path } = known.place;
    return { ...known.place, path: path === "" ? field : `${path}.${field}` };
  }
}

export class DocumentWalker {
  readonly problems: Problem[] = [];
  private readonly file: string;
  private readonly lines: LineCounter;
  private readonly source: SourceMap;
  private readonly options: WalkOptions;
  private readonly resolveAlias: (node: Node) => Node | undefined;

  constructor(
    file: string,
    lines: LineCounter,
    source: SourceMap,
    options: WalkOptions,
    resolveAlias: (node: Node) => Node | undefined,
  ) {
    this.file = file;
    this.lines = lines;
    this.source = source;
    this.options = options;
    this.resolveAlias = resolveAlias;
  }

  private place(node: Node | null, path: string): Place {
    const offset = node?.range?.[0] ?? -1;
    if (offset < 0) return { file: this.file, line: 0, column: 0, path };
    const { line, col } = this.lines.linePos(offset);
    return { file: this.file, line, column: col, path };
  }

  private error(node: Node | null, path: string, message: string): void {
    this.problems.push({ severity: "error", place: this.place(node, path), message });
  }

  private follow(node: Node | null): Node | null {
    return node !== null && isAlias(node) ? (this.resolveAlias(node) ?? null) : node;
  }

  /** Walks one message; null when the node is no mapping. */
  message(
    type: DescMessage,
    given: Node | null,
    path: string,
    depth: number,
    skip = "",
  ): Message | null {
    const node = this.follow(given);
    if (depth > MAX_DEPTH) {
      this.error(node, path, `is nested more than ${MAX_DEPTH} levels deep`);
      return null;
    }
    const message = create(type);
    const fields = new Map<string, Place>();
    this.source.messages.set(message, { place: this.place(node, path), fields });
    if (node === null || (isScalar(node) && scalarValue(node) === null)) {
      this.checkComplete(type, new Set(), node, path);
      return message;
    }
    if (!isMap(node)) {
      this.error(node, path, `expected a mapping (${type.name}), found ${describe(node)}`);
      return null;
    }
    const seen = new Set<string>();
    for (const pair of this.pairs(node)) {
      const key = String(isScalar(pair.key) ? (pair.key.source ?? pair.key.value) : pair.key);
      if (key === skip) continue;
      this.field(type, message, key, pair, path, depth, seen, fields);
    }
    this.checkComplete(type, seen, node, path);
    return message;
  }

  /** The mapping's pairs, merge keys (`<<`) resolved: the mapping's own keys win. */
  private pairs(map: YAMLMap): Pair<Node, Node | null>[] {
    const own: Pair<Node, Node | null>[] = [];
    const merged: Pair<Node, Node | null>[] = [];
    for (const pair of map.items as Pair<Node, Node | null>[]) {
      if (!isScalar(pair.key) || pair.key.source !== "<<") {
        own.push(pair);
        continue;
      }
      const value = this.follow(pair.value);
      const sources = isSeq(value) ? (value.items as Node[]) : [value];
      for (const source of sources) {
        const target = this.follow(source);
        if (isMap(target)) merged.push(...this.pairs(target));
      }
    }
    const names = new Set(own.map((pair) => String((pair.key as { value?: unknown }).value)));
    return [
      ...own,
      ...merged.filter((pair) => !names.has(String((pair.key as { value?: unknown }).value))),
    ];
  }

  private field(
    type: DescMessage,
    message: Message,
    key: string,
    pair: Pair<Node, Node | null>,
    parent: string,
    depth: number,
    seen: Set<string>,
    places: Map<string, Place>,
  ): void {
    const field = type.fields.find((known) => known.name === key || known.jsonName === key);
    const path = parent === "" ? key : `${parent}.${key}`;
    if (field === undefined) {
      const near = nearest(
        key,
        type.fields.map((known) => known.name),
      );
      const hint = near === null ? "" : ` (did you mean '${near}'?)`;
      this.error(pair.key, path, `${type.typeName.split(".").pop()} has no field '${key}'${hint}`);
      return;
    }
    const node = this.follow(pair.value);
    if (node === null || (isScalar(node) && scalarValue(node) === null && !isNullable(field))) {
      return;
    }
    if (seen.has(field.name)) {
      this.error(pair.key, path, "is given twice");
      return;
    }
    seen.add(field.name);
    places.set(field.name, this.place(pair.key, path));
    this.checkHonoured(type, field, pair.key, path);
    const value = this.value(field, node, path, depth);
    if (value === undefined) return;
    const problem = checkValue(field, value);
    if (problem !== null) this.error(node, path, problem);
    const target = message as unknown as Record<string, unknown>;
    if (field.oneof === undefined) target[field.localName] = value;
    else {
      const current = target[field.oneof.localName] as { case: string | undefined };
      if (current.case !== undefined)
        this.error(
          pair.key,
          path,
          `'${key}' has already been set: only one of ${field.oneof.fields.map((f) => f.name).join(", ")} may be given`,
        );
      target[field.oneof.localName] = { case: field.localName, value };
    }
  }

  private checkHonoured(type: DescMessage, field: DescField, node: Node, path: string): void {
    if (type.typeName.startsWith("google.protobuf.")) return;
    const honoured = this.options.honoured[type.typeName];
    if (honoured === "*" || honoured?.includes(field.name)) return;
    this.problems.push({
      severity: this.options.allowUnsupported ? "warning" : "error",
      place: this.place(node, path),
      message: `'${field.name}' is not supported by Legate`,
    });
  }

  private checkComplete(
    type: DescMessage,
    seen: ReadonlySet<string>,
    node: Node | null,
    path: string,
  ): void {
    for (const field of type.fields) {
      if (seen.has(field.name)) continue;
      const problem = checkAbsent(field);
      if (problem !== null)
        this.error(node, path === "" ? field.name : `${path}.${field.name}`, problem);
    }
    for (const oneof of type.oneofs) {
      if (!isOneofRequired(oneof) || oneof.fields.some((field) => seen.has(field.name))) continue;
      const names = oneof.fields.map((field) => field.name).join(", ");
      this.error(node, path, `field: "${oneof.name}", reason: is required (one of ${names})`);
    }
  }

  /** Undefined: a problem was reported. */
  private value(field: DescField, node: Node, path: string, depth: number): unknown {
    switch (field.fieldKind) {
      case "list": {
        if (!isSeq(node)) {
          this.error(node, path, `expected a list, found ${describe(node)}`);
          return undefined;
        }
        return node.items
          .map((item, i) => this.single(field, this.follow(item as Node), `${path}[${i}]`, depth))
          .filter((value) => value !== undefined);
      }
      case "map": {
        if (!isMap(node)) {
          this.error(node, path, `expected a mapping, found ${describe(node)}`);
          return undefined;
        }
        const result: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
        for (const pair of this.pairs(node)) {
          const key = String((pair.key as { value?: unknown }).value);
          const value = this.single(field, this.follow(pair.value), `${path}.${key}`, depth);
          if (value !== undefined) result[key] = value;
        }
        return result;
      }
      default:
        return this.single(field, node, path, depth);
    }
  }

  private single(field: DescField, node: Node | null, path: string, depth: number): unknown {
    if (field.enum !== undefined) return this.enumValue(field, node, path);
    if (field.message !== undefined)
      return this.submessage(field, field.message, node, path, depth);
    return this.scalar((field as { scalar?: ScalarType }).scalar ?? ScalarType.STRING, node, path);
  }

  private submessage(
    field: DescField,
    type: DescMessage,
    node: Node | null,
    path: string,
    depth: number,
  ): unknown {
    const name = type.typeName;
    if (name === "google.protobuf.Any") return this.any(node, path, depth);
    if (name === "google.protobuf.Struct") {
      if (node === null || !isMap(node)) {
        this.error(node, path, `expected a mapping, found ${describe(node)}`);
        return undefined;
      }
      return this.json(node, path, 0);
    }
    if (WRAPPER.test(name)) {
      const scalar = (type.fields[0] as unknown as { scalar: ScalarType }).scalar;
      const value = this.scalar(scalar, node, path);
      // Inside a oneof, and in lists, protobuf-es keeps the wrapper.
      return value !== undefined && (field.oneof !== undefined || field.fieldKind !== "message")
        ? Object.assign(create(type), { value })
        : value;
    }
    if (name.startsWith("google.protobuf.")) return this.wellKnown(type, node, path);
    return this.message(type, node, path, depth + 1) ?? undefined;
  }

  private wellKnown(type: DescMessage, node: Node | null, path: string): unknown {
    const json = node === null ? null : this.json(node, path, 0);
    try {
      return fromJson(type, json as JsonValue);
    } catch {
      const hint = type.name === "Duration" ? `a duration such as "1.5s"` : `a ${type.name}`;
      this.error(node, path, `expected ${hint}, found ${describe(node)}`);
      return undefined;
    }
  }

  private any(node: Node | null, path: string, depth: number): Any | undefined {
    if (!isMap(node)) {
      this.error(node, path, `expected a mapping with '@type', found ${describe(node)}`);
      return undefined;
    }
    const typeNode = node.get("@type", true);
    const url = isScalar(typeNode) ? String(typeNode.value) : "";
    if (url === "") {
      this.error(node, path, "'@type' is missing: which message is this?");
      return undefined;
    }
    let name = typeNameOfUrl(url);
    let type = registry().getMessage(name);
    let body: Node | null = node;
    if (TYPED_STRUCTS.has(name)) {
      name = typeNameOfUrl(String(node.get("type_url") ?? node.get("typeUrl") ?? ""));
      type = registry().getMessage(name);
      body = this.follow((node.get("value", true) as Node | undefined) ?? null);
    }
    if (type === undefined) {
      const known = [...this.options.extensionTypes];
      const near = nearest(name, known);
      const hint = near === null ? "" : ` (did you mean 'type.googleapis.com/${near}'?)`;
      this.error(typeNode as Node, `${path}.@type`, `could not find @type '${url}'${hint}`);
      return undefined;
    }
    if (name.startsWith("google.protobuf.")) return this.wellKnownAny(type, node, path);
    if (!this.options.extensionTypes.has(name)) {
      this.problems.push({
        severity: this.options.allowUnsupported ? "warning" : "error",
        place: this.place(typeNode as Node, `${path}.@type`),
        message: `extension ${name} is not supported by Legate`,
      });
      return undefined;
    }
    const message = this.message(type, body, path, depth + 1, "@type");
    if (message === null) return undefined;
    const any = create(AnySchema, {
      typeUrl: `type.googleapis.com/${name}`,
      value: toBinary(type, message),
    });
    this.source.remember(any, message);
    this.source.messages.set(any, { place: this.place(node, path), fields: new Map() });
    return any;
  }

  /** Well-known types inside an Any stand under `value`. */
  private wellKnownAny(type: DescMessage, node: YAMLMap, path: string): Any | undefined {
    const body = (node.get("value", true) as Node | undefined) ?? null;
    const json = body === null ? null : this.json(this.follow(body) as Node, `${path}.value`, 0);
    try {
      const message = fromJson(type, (json ?? {}) as JsonValue);
      const any = create(AnySchema, {
        typeUrl: `type.googleapis.com/${type.typeName}`,
        value: toBinary(type, message),
      });
      this.source.remember(any, message);
      return any;
    } catch {
      this.error(body ?? node, `${path}.value`, `expected a ${type.name}, found ${describe(body)}`);
      return undefined;
    }
  }

  private json(node: Node, path: string, depth: number): JsonValue {
    if (depth > MAX_DEPTH) {
      this.error(node, path, `is nested more than ${MAX_DEPTH} levels deep`);
      return null;
    }
    if (isSeq(node))
      return node.items.map((item, i) =>
        this.json(this.follow(item as Node) as Node, `${path}[${i}]`, depth + 1),
      );
    if (isMap(node)) {
      const result: Record<string, JsonValue> = {};
      for (const pair of this.pairs(node)) {
        const key = String((pair.key as { value?: unknown }).value);
        const value = this.follow(pair.value);
        const json = value === null ? null : this.json(value, `${path}.${key}`, depth + 1);
        Object.defineProperty(result, key, {
          value: json,
          enumerable: true,
          writable: true,
          configurable: true,
        });
      }
      return result;
    }
    if (!isScalar(node)) return null;
    const value = scalarValue(node);
    return typeof value === "bigint" ? value.toString() : value;
  }

  private enumValue(field: DescField, node: Node | null, path: string): number | undefined {
    const type = field.enum!;
    const value = isScalar(node) ? scalarValue(node) : null;
    // ON, OFF, NO and their like are enum names here, whatever YAML says.
    const text = isScalar(node) ? (node.source ?? String(node.value)) : "";
    const named = type.values.find((known) => known.name === text);
    if (named !== undefined) return named.number;
    if (typeof value === "number" && Number.isInteger(value)) return value;
    if (!isScalar(node))
      this.error(node, path, `expected one of ${type.name}, found ${describe(node)}`);
    else {
      const near = nearest(
        text,
        type.values.map((known) => known.name),
      );
      const hint =
        near === null
          ? `; one of ${type.values.map((known) => known.name).join(", ")}`
          : ` (did you mean '${near}'?)`;
      this.error(node, path, `unknown enum value: '${text}'${hint}`);
    }
    return undefined;
  }

  private scalar(type: ScalarType, node: Node | null, path: string): unknown {
    const fail = (wanted: string) => {
      this.error(node, path, `expected ${wanted}, found ${describe(node)}`);
      return undefined;
    };
    if (!isScalar(node)) return fail(type === ScalarType.STRING ? "a string" : "a single value");
    const value = scalarValue(node);
    switch (type) {
      case ScalarType.STRING:
        return typeof value === "string" ? value : fail("a string (put it in quotes)");
      case ScalarType.BOOL:
        return typeof value === "boolean" ? value : fail("true or false");
      case ScalarType.BYTES:
        return typeof value === "string"
          ? new Uint8Array(Buffer.from(value, "base64"))
          : fail("base64 text");
      case ScalarType.DOUBLE:
      case ScalarType.FLOAT: {
        const number = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
        return typeof number === "number" && !Number.isNaN(number) ? number : fail("a number");
      }
      default:
        return this.integer(type, value, fail);
    }
  }

  private integer(type: ScalarType, value: unknown, fail: (wanted: string) => undefined): unknown {
    const text = typeof value === "string" && /^-?\d+$/.test(value) ? BigInt(value) : value;
    let big: bigint;
    if (typeof text === "bigint") big = text;
    else if (typeof text === "number" && Number.isInteger(text)) big = BigInt(text);
    else return fail("a whole number");
    const isUnsigned =
      type === ScalarType.UINT32 ||
      type === ScalarType.UINT64 ||
      type === ScalarType.FIXED32 ||
      type === ScalarType.FIXED64;
    const isLong =
      type === ScalarType.INT64 ||
      type === ScalarType.UINT64 ||
      type === ScalarType.SINT64 ||
      type === ScalarType.FIXED64 ||
      type === ScalarType.SFIXED64;
    const bits = isLong ? 64n : 32n;
    const least = isUnsigned ? 0n : -(2n ** (bits - 1n));
    const most = isUnsigned ? 2n ** bits - 1n : 2n ** (bits - 1n) - 1n;
    if (big < least || big > most) return fail(`a whole number from ${least} to ${most}`);
    return isLong ? big : Number(big);
  }
}

/** google.protobuf.Value may hold null. */
function isNullable(field: DescField): boolean {
  return field.message?.typeName === "google.protobuf.Value";
}
