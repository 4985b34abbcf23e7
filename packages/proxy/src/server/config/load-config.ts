/** Files and texts → one Bootstrap message, with every problem found. */
import { readFileSync, statSync } from "node:fs";
import type { Message } from "@bufbuild/protobuf";
import { messageType } from "@legate/envoy-api";
import type { Bootstrap } from "@legate/envoy-api/envoy/config/bootstrap/v3/bootstrap_pb.js";
import { ConfigDocument } from "./document.ts";
import { DocumentWalker, type WalkOptions } from "./document-walker.ts";
import { mergeMessages } from "./merge.ts";
import type { Problem } from "./problems.ts";
import type { Notation } from "./scalars.ts";
import { SourceMap } from "./source-map.ts";

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
  const read = (file: string, text: string, notation: Notation) => {
    const document = new ConfigDocument(file, text, notation);
    const message = new DocumentWalker(document, source, options).walk(messageType(BOOTSTRAP));
    problems.push(...document.problems.sort(byPlace));
    if (message === null) return;
    if (bootstrap === null) bootstrap = message;
    else mergeMessages(bootstrap, message);
  };
  if (sources.path !== null) {
    const text = readText(sources.path, problems);
    if (text !== null) read(sources.path, text, /\.ya?ml$/i.test(sources.path) ? "yaml" : "json");
  }
  if (sources.yaml !== null) read("<config-yaml>", sources.yaml, "yaml");
  const empty = { $typeName: BOOTSTRAP } as unknown as Message;
  return { bootstrap: (bootstrap ?? empty) as Bootstrap, source, problems };
}

function byPlace(a: Problem, b: Problem): number {
  return a.place.line - b.place.line || a.place.column - b.place.column;
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
    return decode(readFileSync(path));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return fail(`can't be read: ${REASONS[code ?? ""] ?? code ?? (error as Error).message}`);
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file",
  EACCES: "permission denied",
  EISDIR: "it is a folder",
};

/** UTF-8, or UTF-16 as its byte order mark says. */
function decode(bytes: Buffer): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder("utf-16le").decode(bytes);
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return new TextDecoder("utf-16be").decode(bytes);
  return bytes.toString("utf8");
}
