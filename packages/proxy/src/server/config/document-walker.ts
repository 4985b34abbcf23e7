/** Document nodes × descriptors → typed messages, with every problem on the way. */
import {
  create,
  type DescField,
  type DescMessage,
  fromJson,
  type Message,
  ScalarType,
  toBinary,
} from "@bufbuild/protobuf";
import { type Any, AnySchema, type Duration } from "@bufbuild/protobuf/wkt";
import { isOneofRequired, isSensitive, registry, typeNameOfUrl } from "@legate/envoy-api";
import { isMap, isScalar, isSeq, type Node } from "yaml";
import type { HonouredFields } from "../../extension.ts";
import { type ConfigDocument, type Entry, MAX_DEPTH } from "./document.ts";
import { nearestDuration, parseDuration } from "./duration.ts";
import { nearest, type Place } from "./problems.ts";
import { checkAbsent, checkValue } from "./rules.ts";
import { describe, readEnum, readScalar, scalarValue, Wanted } from "./scalars.ts";
import type { SourceMap } from "./source-map.ts";

const TYPED_STRUCTS = new Set(["xds.type.v3.TypedStruct", "udpa.type.v1.TypedStruct"]);
const WRAPPER =
  /^google\.protobuf\.(?:Double|Float|Int64|UInt64|Int32|UInt32|Bool|String|Bytes)Value$/;
/** Envoy reads this one without its rules. */
const UNCHECKED = "envoy.extensions.load_balancing_policies.least_request.v3.LeastRequest";

export interface WalkOptions {
  readonly honoured: HonouredFields;
  readonly allowUnsupported: boolean;
  readonly allowUnknown: boolean;
  /** Types that may stand in an Any. */
  readonly extensionTypes: ReadonlySet<string>;
}

/** One message under way. */
interface Walk {
  readonly type: DescMessage;
  readonly message: Message;
  readonly path: string;
  readonly depth: number;
  /** Proto names of the fields that were given, good or not. */
  readonly seen: Set<string>;
  readonly places: Map<string, Place>;
}

export class DocumentWalker {
  private readonly document: ConfigDocument;
  private readonly source: SourceMap;
  private readonly options: WalkOptions;
  /** Inside of a field that was reported as unsupported: its parts need no lines of their own. */
  private unsupportedDepth = 0;
  /** Inside of a field that the API marks as sensitive. */
  private secretDepth = 0;

  /** Problems go to the document's list. */
  constructor(document: ConfigDocument, source: SourceMap, options: WalkOptions) {
    this.document = document;
    this.source = source;
    this.options = options;
  }

  /** Walks the whole document. Null when there is none, or no mapping. */
  walk(type: DescMessage): Message | null {
    return this.document.root === null ? null : this.message(type, this.document.root, "", 0);
  }

  private error(node: Node | null, path: string, message: string): void {
    this.document.error(node, path, message);
  }

  /** What a node is, in words; a secret's value isn't told. */
  private describe(node: Node | null): string {
    return this.secretDepth > 0 && isScalar(node)
      ? "another kind of value"
      : describe(node, this.document.notation);
  }

  private isNull(node: Node | null): boolean {
    return node === null || (isScalar(node) && scalarValue(node, this.document.notation) === null);
  }

  /** Walks one message; null when the node is no mapping. */
  private message(
    type: DescMessage,
    given: Node | null,
    path: string,
    depth: number,
    skip = "",
  ): Message | null {
    const node = this.document.follow(given, path);
    if (depth > MAX_DEPTH) {
      this.document.tooDeep(node, path);
      return null;
    }
    const message = create(type);
    const walk: Walk = { type, message, path, depth, seen: new Set(), places: new Map() };
    this.source.rememberPlace(message, this.document.place(node, path), walk.places);
    if (this.isNull(node)) {
      this.checkComplete(walk, node);
      return message;
    }
    if (!isMap(node)) {
      this.error(node, path, `expected a mapping (${type.name}), found ${this.describe(node)}`);
      return null;
    }
    for (const entry of this.document.entries(node, path))
      if (entry.key !== skip) this.field(walk, entry);
    this.checkComplete(walk, node);
    return message;
  }

  private field(walk: Walk, { key, keyNode, value: given }: Entry): void {
    const { type, seen, message } = walk;
    const field = type.fields.find((known) => known.name === key || known.jsonName === key);
    const path = walk.path === "" ? key : `${walk.path}.${key}`;
    if (field === undefined) {
      this.unknownField(walk, key, keyNode, path);
      return;
    }
    const node = this.document.follow(given, path);
    if (node === null || (this.isNull(node) && !isNullable(field))) {
      // An alias to nothing was reported; the field counts as given.
      if (given !== null && node === null) seen.add(field.name);
      return;
    }
    if (seen.has(field.name)) this.error(keyNode, path, `'${field.name}' is given twice`);
    seen.add(field.name);
    walk.places.set(field.name, this.document.place(keyNode, path));
    const isHonoured = this.checkHonoured(type, field, keyNode, path);
    if (!isHonoured && !this.options.allowUnsupported) return;
    if (!isHonoured) this.unsupportedDepth++;
    const isSecret = isSensitive(field);
    if (isSecret) this.secretDepth++;
    const value = this.value(field, node, path, walk.depth);
    if (isSecret) this.secretDepth--;
    if (!isHonoured) this.unsupportedDepth--;
    if (value === undefined) return;
    const problem = type.typeName === UNCHECKED ? null : checkValue(field, value);
    if (problem !== null) this.error(node, path, problem);
    const target = message as unknown as Record<string, unknown>;
    if (field.oneof === undefined) {
      target[field.localName] = value;
      return;
    }
    const current = target[field.oneof.localName] as { case: string | undefined };
    if (current.case !== undefined) {
      const names = field.oneof.fields.map((one) => one.name).join(", ");
      this.error(keyNode, path, `only one of ${names} may be given`);
    }
    target[field.oneof.localName] = { case: field.localName, value };
  }

  private unknownField({ type, seen }: Walk, key: string, keyNode: Node, path: string): void {
    if (key === "<<") {
      this.error(keyNode, path, "Envoy knows no merge keys: an alias may stand for a whole value");
      return;
    }
    const names = type.fields.map((known) => known.name);
    const near = nearest(
      key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
      names,
    );
    const hint = near === null ? "" : ` (did you mean '${near}'?)`;
    const severity = this.options.allowUnknown ? "warning" : "error";
    const message = `${type.name} has no field '${key}'${hint}`;
    this.document.report(severity, this.document.place(keyNode, path), message);
    // The field meant is not missing as well.
    if (near !== null && severity === "error") seen.add(near);
  }

  /** False: the field was reported, or stands inside of one that was. */
  private checkHonoured(type: DescMessage, field: DescField, node: Node, path: string): boolean {
    if (type.typeName.startsWith("google.protobuf.")) return true;
    const honoured = this.options.honoured[type.typeName];
    if (honoured === "*" || honoured?.includes(field.name)) return true;
    this.unsupported(node, path, `'${field.name}' is not supported by Legate`);
    return false;
  }

  private unsupported(node: Node, path: string, message: string): void {
    if (this.unsupportedDepth > 0) return;
    const severity = this.options.allowUnsupported ? "warning" : "error";
    this.document.report(severity, this.document.place(node, path), message);
  }

  private checkComplete({ type, seen, path }: Walk, node: Node | null): void {
    if (type.typeName === UNCHECKED) return;
    for (const field of type.fields) {
      if (seen.has(field.name)) continue;
      const problem = checkAbsent(field);
      if (problem !== null)
        this.error(node, path === "" ? field.name : `${path}.${field.name}`, problem);
    }
    for (const oneof of type.oneofs) {
      if (!isOneofRequired(oneof) || oneof.fields.some((field) => seen.has(field.name))) continue;
      const honoured = this.options.honoured[type.typeName] ?? [];
      const names = oneof.fields
        .map((field) => field.name)
        .filter((name) => honoured === "*" || honoured.includes(name));
      const choice = names.length === 1 ? names[0] : `one of ${names.join(", ")}`;
      this.error(node, path, `${oneof.name} is required: ${choice}`);
    }
  }

  /** Undefined: a problem was reported. */
  private value(field: DescField, node: Node, path: string, depth: number): unknown {
    switch (field.fieldKind) {
      case "list": {
        const values = this.items(node, path).map(([item, at]) =>
          this.isNull(item) && field.message === undefined
            ? emptyValue(field)
            : this.single(field, item, at, depth),
        );
        // A list that lost an item would only look too short.
        return values.includes(undefined) ? undefined : values;
      }
      case "map": {
        if (!isMap(node)) {
          this.error(node, path, `expected a mapping, found ${this.describe(node)}`);
          return undefined;
        }
        const result: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
        for (const entry of this.document.entries(node, path)) {
          const at = `${path}.${entry.key}`;
          const item = this.document.follow(entry.value, at);
          const value =
            this.isNull(item) && field.message === undefined
              ? emptyValue(field)
              : this.single(field, item, at, depth);
          if (value !== undefined) result[entry.key] = value;
        }
        return result;
      }
      default:
        return this.single(field, node, path, depth);
    }
  }

  /** A list's items with their paths. As in Envoy's JSON, a single value is a list of one, and lists in lists are one list. */
  private items(node: Node, path: string): [item: Node | null, path: string][] {
    if (!isSeq(node)) return [[node, path]];
    return node.items.flatMap((given, i): [Node | null, string][] => {
      const at = `${path}[${i}]`;
      const item = this.document.follow(given as Node, at);
      return isSeq(item) ? this.items(item, at) : [[item, at]];
    });
  }

  private single(field: DescField, node: Node | null, path: string, depth: number): unknown {
    if (field.message !== undefined)
      return this.submessage(field, field.message, node, path, depth);
    if (!isScalar(node)) {
      const wanted = field.enum === undefined ? "a single value" : `one of ${field.enum.name}`;
      this.error(node, path, `expected ${wanted}, found ${this.describe(node)}`);
      return undefined;
    }
    if (field.enum !== undefined) {
      const value = readEnum(field.enum, node, this.document.notation);
      if (typeof value === "number") return value;
      this.error(node, path, value);
      return undefined;
    }
    const type = (field as { scalar?: ScalarType }).scalar ?? ScalarType.STRING;
    const value = readScalar(type, node, this.document.notation);
    return value instanceof Wanted ? this.wanted(value.text, node, path) : value;
  }

  private wanted(text: string, node: Node | null, path: string): undefined {
    this.error(node, path, `expected ${text}, found ${this.describe(node)}`);
    return undefined;
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
      if (this.isNull(node)) return {};
      return isMap(node) ? this.document.json(node, path) : this.wanted("a mapping", node, path);
    }
    if (WRAPPER.test(name)) return this.wrapper(field, type, node, path, depth);
    if (name === "google.protobuf.Duration" && !isMap(node)) return this.duration(node, path);
    if (name.startsWith("google.protobuf.") && !isMap(node))
      return this.wellKnown(type, node, path);
    const message = this.message(type, node, path, depth + 1) ?? undefined;
    return name === "google.protobuf.Duration" && message !== undefined
      ? this.positive(message as Duration, node, path)
      : message;
  }

  /** A plain value, or the wrapper spelled out: `{ value: 5 }`. */
  private wrapper(
    field: DescField,
    type: DescMessage,
    node: Node | null,
    path: string,
    depth: number,
  ): unknown {
    const inner = type.fields[0]!;
    const value = isMap(node)
      ? (this.message(type, node, path, depth + 1) as { value?: unknown } | null)?.value
      : this.single(inner, node, path, depth);
    // Inside a oneof, and in lists, protobuf-es keeps the wrapper.
    return value !== undefined && (field.oneof !== undefined || field.fieldKind !== "message")
      ? Object.assign(create(type), { value })
      : value;
  }

  private duration(node: Node | null, path: string): Duration | undefined {
    const value = isScalar(node) ? scalarValue(node, this.document.notation) : null;
    const duration = typeof value === "string" ? parseDuration(value) : null;
    if (duration !== null) return this.positive(duration, node, path);
    const near = nearestDuration(String(value));
    const hint = near === null ? "" : ` (did you mean "${near}"?)`;
    this.error(
      node,
      path,
      `expected a duration such as "1.5s", found ${this.describe(node)}${hint}`,
    );
    return undefined;
  }

  private positive(duration: Duration, node: Node | null, path: string): Duration | undefined {
    if (duration.seconds >= 0n && duration.nanos >= 0) return duration;
    this.error(node, path, "a duration can't be negative");
    return undefined;
  }

  private wellKnown(type: DescMessage, node: Node | null, path: string): unknown {
    try {
      return fromJson(type, this.document.json(node, path));
    } catch {
      return this.wanted(`a ${type.name}`, node, path);
    }
  }

  private any(node: Node | null, path: string, depth: number): Any | undefined {
    if (!isMap(node)) return this.wanted("a mapping with '@type'", node, path);
    const entries = this.document.entries(node, path);
    const textOf = (key: string): [Node | null, string] => {
      const found = entries.find((entry) => entry.key === key);
      const value = this.document.follow(found?.value ?? null, `${path}.${key}`);
      return [value, isScalar(value) ? String(value.value ?? "") : ""];
    };
    if (entries.length === 0) {
      const empty = create(AnySchema);
      this.source.rememberPlace(empty, this.document.place(node, path));
      return empty;
    }
    let [typeNode, url] = textOf("@type");
    if (url === "") {
      this.error(node, path, "'@type' is missing: which message is this?");
      return undefined;
    }
    let at = `${path}.@type`;
    let body: Node | null = node;
    if (TYPED_STRUCTS.has(typeNameOfUrl(url))) {
      [typeNode, url] = textOf("type_url");
      if (url === "") [typeNode, url] = textOf("typeUrl");
      at = `${path}.type_url`;
      body = this.document.follow(
        entries.find((entry) => entry.key === "value")?.value ?? null,
        `${path}.value`,
      );
    }
    const type = this.extensionType(url, typeNode ?? node, at);
    if (type === null) return undefined;
    const name = type.typeName;
    const message = name.startsWith("google.protobuf.")
      ? this.wellKnownInAny(type, entries, path, depth)
      : this.message(type, body, body === node ? path : `${path}.value`, depth + 1, "@type");
    if (message === null) return undefined;
    const any = create(AnySchema, { typeUrl: `type.googleapis.com/${name}` });
    // With errors about, the bytes are never read, and a bad value might have none.
    if (this.document.problems.every((problem) => problem.severity !== "error"))
      any.value = toBinary(type, message);
    this.source.rememberUnpacked(any, message);
    this.source.rememberPlace(any, this.document.place(node, path));
    return any;
  }

  /** Null: a problem was reported. */
  private extensionType(url: string, node: Node, path: string): DescMessage | null {
    const name = typeNameOfUrl(url);
    const type = registry().getMessage(name);
    if (type === undefined) {
      const near = nearest(name, this.options.extensionTypes);
      const hint = near === null ? "" : ` (did you mean 'type.googleapis.com/${near}'?)`;
      this.error(node, path, `could not find @type '${url}'${hint}`);
      return null;
    }
    if (name.startsWith("google.protobuf.") || this.options.extensionTypes.has(name)) return type;
    this.unsupported(node, path, `extension ${name} is not supported by Legate`);
    return null;
  }

  /** Well-known types inside an Any stand under `value`; nothing there is the empty message. */
  private wellKnownInAny(
    type: DescMessage,
    entries: readonly Entry[],
    path: string,
    depth: number,
  ): Message | null {
    for (const { key, keyNode } of entries)
      if (key !== "@type" && key !== "value")
        this.error(keyNode, `${path}.${key}`, `${type.name} has only '@type' and 'value' here`);
    const at = `${path}.value`;
    const node = this.document.follow(
      entries.find((entry) => entry.key === "value")?.value ?? null,
      at,
    );
    if (this.isNull(node)) return create(type);
    if (WRAPPER.test(type.typeName) && isMap(node)) return this.message(type, node, at, depth + 1);
    try {
      return fromJson(type, this.document.json(node, at));
    } catch {
      this.wanted(`a ${type.name}`, node, at);
      return null;
    }
  }
}

/** google.protobuf.Value may hold null. */
function isNullable(field: DescField): boolean {
  return field.message?.typeName === "google.protobuf.Value";
}

/** What null in a list stands for. */
function emptyValue(field: DescField): unknown {
  if (field.enum !== undefined) return 0;
  switch ((field as { scalar?: ScalarType }).scalar) {
    case ScalarType.STRING:
      return "";
    case ScalarType.BOOL:
      return false;
    case ScalarType.BYTES:
      return new Uint8Array();
    case ScalarType.INT64:
    case ScalarType.UINT64:
      return 0n;
    default:
      return 0;
  }
}
