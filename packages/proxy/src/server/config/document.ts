/** One YAML or JSON text as nodes with places: what the walker reads. */
import type { JsonValue } from "@bufbuild/protobuf";
import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseAllDocuments,
  type Scalar,
  type YAMLMap,
} from "yaml";
import type { Place, Problem } from "./problems.ts";
import { type Notation, scalarValue } from "./scalars.ts";
import { explainSyntaxError, firstComment } from "./syntax-errors.ts";

export const MAX_DEPTH = 100;
/** Aliases may repeat parts of a document; this many nodes in all are read. */
const MAX_NODES = 2_000_000;

/** A mapping's entry with its key as text. */
export interface Entry {
  readonly key: string;
  readonly keyNode: Node;
  readonly value: Node | null;
}

export class ConfigDocument {
  readonly file: string;
  readonly notation: Notation;
  readonly problems: Problem[] = [];
  /** Null when the text is empty or no YAML. */
  readonly root: Node | null;
  private readonly lines = new LineCounter();
  private readonly document: Document | null;
  private readonly known = new WeakMap<object, readonly Entry[]>();
  private nodesLeft = MAX_NODES;

  constructor(file: string, text: string, notation: Notation) {
    this.file = file;
    this.notation = notation;
    const [first, second] = parseAllDocuments(text, {
      lineCounter: this.lines,
      keepSourceTokens: false,
      uniqueKeys: false,
      prettyErrors: false,
    }) as Document[];
    this.document = first ?? null;
    const root = (first?.contents ?? null) as Node | null;
    // What follows the first syntax error is mostly its echo.
    const error = first?.errors[0];
    const comment = notation === "json" ? firstComment(text) : null;
    if (comment !== null) {
      this.report("error", this.placeAt(comment, ""), "JSON has no comments");
    } else if (error !== undefined) {
      const { offset, message } = explainSyntaxError(
        text,
        notation,
        error.code,
        error.pos[0],
        error.message,
      );
      this.report("error", this.placeAt(offset, ""), message);
    } else if (root === null || (isScalar(root) && scalarValue(root, notation) === null)) {
      this.report("error", { file, line: 1, column: 1, path: "" }, "the configuration is empty");
    } else if (notation === "json" && !isFlow(root)) {
      this.error(root, "", NO_JSON);
    }
    if (second !== undefined && error === undefined)
      this.report(
        "warning",
        this.placeAt(second.range?.[0] ?? 0, ""),
        "only the first document of the file is read",
      );
    this.root = this.problems.some((problem) => problem.severity === "error") ? null : root;
  }

  place(node: Node | null, path: string): Place {
    const offset = node?.range?.[0] ?? -1;
    return offset < 0 ? { file: this.file, line: 0, column: 0, path } : this.placeAt(offset, path);
  }

  private placeAt(offset: number, path: string): Place {
    const { line, col } = this.lines.linePos(offset);
    return { file: this.file, line, column: col, path };
  }

  error(node: Node | null, path: string, message: string): void {
    this.report("error", this.place(node, path), message);
  }

  report(severity: Problem["severity"], place: Place, message: string): void {
    this.problems.push({ severity, place, message });
  }

  /** The node itself, or what an alias stands for. Reports unknown anchors and runaway repetition. */
  follow(node: Node | null, path: string): Node | null {
    this.nodesLeft--;
    if (this.nodesLeft <= 0) {
      if (this.nodesLeft === 0)
        this.error(node, path, `the document is larger than ${MAX_NODES} values: too many aliases`);
      return null;
    }
    if (isScalar(node) && this.notation === "json") this.checkJsonScalar(node, path);
    if (node === null || !isAlias(node)) return node;
    const target = this.document === null ? undefined : node.resolve(this.document);
    if (target === undefined)
      this.error(node, path, `the referenced anchor is not defined: ${node.source}`);
    return (target as Node | undefined) ?? null;
  }

  /** Envoy's JSON reader takes keys without quotes, but no texts. */
  private checkJsonScalar(node: Scalar, path: string): void {
    if (node.type !== "PLAIN" || /^(?:null|true|false|[-\d].*)$/.test(node.source ?? "")) return;
    if (!this.problems.some(({ place }) => place.path === path))
      this.error(node, path, "text stands in quotes in JSON");
  }

  tooDeep(node: Node | null, path: string): void {
    const short = path.length > 160 ? `${path.slice(0, 80)}...` : path;
    this.error(node, short, TOO_DEEP);
  }

  /** The mapping's entries. Of a key given twice the last one counts, as in Envoy, with a warning. */
  entries(map: YAMLMap, path: string): readonly Entry[] {
    const done = this.known.get(map);
    if (done !== undefined) return done;
    const entries = new Map<string, Entry>();
    for (const { key: keyNode, value } of map.items as Pair<Node, Node | null>[]) {
      if (!isScalar(keyNode)) {
        this.error(keyNode, path, "a key must be plain text");
        continue;
      }
      const key = String(
        keyNode.type === "PLAIN" ? (keyNode.source ?? keyNode.value) : keyNode.value,
      );
      if (entries.has(key))
        this.report(
          "warning",
          this.place(keyNode, path === "" ? key : `${path}.${key}`),
          "this key is given twice in its mapping: the last one counts",
        );
      entries.set(key, { key, keyNode, value });
    }
    const list = [...entries.values()];
    this.known.set(map, list);
    return list;
  }

  /** A node as plain JSON, for google.protobuf.Struct and its like. */
  json(given: Node | null, path: string, depth = 0): JsonValue {
    const node = this.follow(given, path);
    if (depth > MAX_DEPTH) {
      this.tooDeep(node, path);
      return null;
    }
    if (isSeq(node))
      return node.items.map((item, i) => this.json(item as Node, `${path}[${i}]`, depth + 1));
    if (isMap(node)) {
      const result: Record<string, JsonValue> = Object.create(null) as Record<string, JsonValue>;
      for (const { key, value } of this.entries(node, path))
        result[key] = this.json(value, `${path}.${key}`, depth + 1);
      return result;
    }
    return isScalar(node) ? scalarValue(node, this.notation) : null;
  }
}

const TOO_DEEP = `is nested more than ${MAX_DEPTH} levels deep (an alias inside of its own anchor?)`;

const NO_JSON =
  "expected JSON: only a file whose name ends in .yaml or .yml is read as YAML, as in Envoy";

function isFlow(node: Node): boolean {
  return isScalar(node) ? node.type !== "PLAIN" : (node as { flow?: boolean }).flow === true;
}
