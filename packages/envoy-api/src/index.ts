/**
 * Envoy's v3 API at run time: descriptors of all messages, by name, and what is needed to make, read
 * and check messages. Types come from `@legate/envoy-api/<proto path>_pb.js`, with `import type`.
 */
import { readFileSync } from "node:fs";
import {
  createFileRegistry,
  type DescExtension,
  type DescField,
  type DescMessage,
  type DescOneof,
  type FileRegistry,
  fromBinary,
  getOption,
  hasOption,
  type Message,
} from "@bufbuild/protobuf";
import type { Any } from "@bufbuild/protobuf/wkt";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import type { FieldRules } from "./gen/validate/validate_pb.js";

let loaded: FileRegistry | null = null;

/** All descriptors; read at the first call (about 60 ms). */
export function registry(): FileRegistry {
  if (loaded === null) {
    const bytes = readFileSync(new URL("gen/descriptors.bin", import.meta.url));
    loaded = createFileRegistry(fromBinary(FileDescriptorSetSchema, bytes));
  }
  return loaded;
}

/** The descriptor of a message, `envoy.config.cluster.v3.Cluster`. Throws for an unknown name. */
export function messageType(fullName: string): DescMessage {
  const found = registry().getMessage(fullName);
  if (found === undefined) throw new Error(`no Envoy API message is named ${fullName}`);
  return found;
}

/** The full message name of a type URL: what follows the last slash. */
export function typeNameOfUrl(typeUrl: string): string {
  return typeUrl.slice(typeUrl.lastIndexOf("/") + 1);
}

/** The message inside an Any, decoded anew at each call. Throws for an unknown type or malformed bytes. */
export function unpackAny(any: Any): Message {
  return fromBinary(messageType(typeNameOfUrl(any.typeUrl)), any.value);
}

let comments: Readonly<Record<string, string>> | null = null;

/**
 * What Envoy's API says about a message, field, oneof, enum or enum value, by full name
 * (`envoy.config.cluster.v3.Cluster.connect_timeout`); null where it says nothing. Plain text of several
 * lines. Read at the first call (about 10 ms).
 */
export function comment(fullName: string): string | null {
  comments ??= JSON.parse(
    readFileSync(new URL("gen/comments.json", import.meta.url), "utf8"),
  ) as Record<string, string>;
  return comments[fullName] ?? null;
}

function extension(name: string): DescExtension {
  const found = registry().getExtension(name);
  if (found === undefined) throw new Error(`no extension is named ${name}`);
  return found;
}

/** The field's validation rules; null when it has none. Source: validate/validate.proto. */
export function fieldRules(field: DescField): FieldRules | null {
  const rules = extension("validate.rules");
  return hasOption(field, rules) ? (getOption(field, rules) as FieldRules) : null;
}

/** One of the oneof's fields must be set. */
export function isOneofRequired(oneof: DescOneof): boolean {
  const required = extension("validate.required");
  return hasOption(oneof, required) && getOption(oneof, required) === true;
}

/** The field holds a secret that must not be shown. */
export function isSensitive(field: DescField): boolean {
  const sensitive = extension("udpa.annotations.sensitive");
  return hasOption(field, sensitive) && getOption(field, sensitive) === true;
}
