/** Files and texts → one Bootstrap message, with every problem found. */
import { readFileSync, statSync } from "node:fs";
import type { DescField, Message } from "@bufbuild/protobuf";
import { messageType } from "@legate/envoy-api";
import type { Bootstrap } from "@legate/envoy-api/envoy/config/bootstrap/v3/bootstrap_pb.js";
import { type Alias, LineCounter, type Node, parseDocument } from "yaml";
import { DocumentWalker, SourceMap, type WalkOptions } from "./document-walker.ts";
import { ConfigError, type Problem } from "./problems.ts";

const BOOTSTRAP = "envoy.config.bootstrap.v3.Bootstrap";
const MAX_FILE_BYTES = 64 * 1024 * 1024;

export interface ConfigSources {
  readonly path: string | null;
  /** Text merged over the file. */
  readonly yaml: string | null;
}

export interface LoadedConfig {
  readonly bootstrap: Bootstrap;
  readonly source: SourceMap;
  readonly problems: readonly Problem[];
}

/** Never throws: what is wrong stands in `problems`; with an error among them the message is incomplete. */
export function loadConfig(sources: ConfigSources, options: WalkOptions): LoadedConfig {
  const source = new SourceMap();
  const problems: Problem[] = [];
  let bootstrap: Message | null = null;
  const texts: [file: string, text: string][] = [];
  if (sources.path !== null) {
    const text = readText(sources.path, problems);
    if (text !== null) texts.push([sources.path, text]);
  }
  if (sources.yaml !== null) texts.push(["<config-yaml>", sources.yaml]);
  for (const [file, text] of texts) {
    const message = parseText(file, text, source, options, problems);
    if (message === null) continue;
    if (bootstrap === null) bootstrap = message;
    else mergeMessages(bootstrap, message);
  }
  problems.sort(
    (a, b) =>
      a.place.file.localeCompare(b.place.file) ||
      a.place.line - b.place.line ||
      a.place.column - b.place.column,
  );
  const empty = { $typeName: BOOTSTRAP } as unknown as Message;
  return { bootstrap: (bootstrap ?? empty) as Bootstrap, source, problems };
}

function readText(path: string, problems: Problem[]): string | null {
  const fail = (message: string) => {
    problems.push({
      severity: "error",
      place: { file: path, line: 0, column: 0, path: "" },
      message,
    });
    return null;
  };
  if (/\.(pb|pb_text|textproto)$/.test(path))
    return fail("binary and text protobuf files are not supported by Legate: give YAML or JSON");
  try {
    const { size } = statSync(path);
    if (size > MAX_FILE_BYTES) return fail(`the file is larger than ${MAX_FILE_BYTES} bytes`);
    return readFileSync(path, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") return fail(`Invalid path: ${path} (no such file)`);
    return fail(`can't be read: ${code ?? (error as Error).message}`);
  }
}

function parseText(
  file: string,
  text: string,
  source: SourceMap,
  options: WalkOptions,
  problems: Problem[],
): Message | null {
  const lines = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: lines,
    keepSourceTokens: false,
    uniqueKeys: true,
    prettyErrors: false,
  });
  // What follows the first syntax error is mostly its echo.
  for (const error of document.errors.slice(0, 1)) {
    const { line, col } = lines.linePos(error.pos[0]);
    problems.push({
      severity: "error",
      place: { file, line, column: col, path: "" },
      message: syntaxText(error.code, error.message),
    });
  }
  if (document.errors.length > 0) return null;
  const root = document.contents as Node | null;
  const walker = new DocumentWalker(
    file,
    lines,
    source,
    options,
    (node) => (node as Alias).resolve(document) as Node | undefined,
  );
  if (root === null) {
    problems.push({
      severity: "error",
      place: { file, line: 1, column: 1, path: "" },
      message: "the configuration is empty",
    });
    return null;
  }
  const message = walker.message(messageType(BOOTSTRAP), root, "", 0);
  problems.push(...walker.problems);
  return message;
}

function syntaxText(code: string, message: string): string {
  if (code === "TAB_AS_INDENT") return "tabs can't indent YAML: use spaces";
  if (code === "DUPLICATE_KEY") return "this key is given twice in its mapping";
  return message;
}

/** proto MergeFrom: scalars replace, messages merge, lists append. */
function mergeMessages(target: Message, from: Message): void {
  const type = messageType(target.$typeName);
  const to = target as unknown as Record<string, unknown>;
  const other = from as unknown as Record<string, unknown>;
  for (const field of type.fields) mergeField(field, to, other);
  for (const oneof of type.oneofs) {
    const value = other[oneof.localName] as { case: string | undefined } | undefined;
    if (value?.case !== undefined) to[oneof.localName] = value;
  }
}

function mergeField(
  field: DescField,
  to: Record<string, unknown>,
  other: Record<string, unknown>,
): void {
  if (field.oneof !== undefined) return;
  const name = field.localName;
  const value = other[name];
  if (value === undefined) return;
  if (field.fieldKind === "list")
    to[name] = [...((to[name] as unknown[] | undefined) ?? []), ...(value as unknown[])];
  else if (field.fieldKind === "map") Object.assign(to[name] as object, value);
  else if (field.fieldKind === "message" && isMessage(to[name]) && isMessage(value))
    mergeMessages(to[name], value);
  else if (
    field.fieldKind === "message" ||
    (value !== 0 && value !== "" && value !== false && value !== 0n)
  )
    to[name] = value;
}

function isMessage(value: unknown): value is Message {
  return (
    typeof value === "object" &&
    value !== null &&
    typeof (value as { $typeName?: unknown }).$typeName === "string" &&
    !(value as Message).$typeName.startsWith("google.protobuf.")
  );
}

/** Throws a ConfigError when an error is among the problems. */
export function requireGood(problems: readonly Problem[]): void {
  const errors = problems.filter((problem) => problem.severity === "error");
  if (errors.length > 0) throw new ConfigError(errors);
}
