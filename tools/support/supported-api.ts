/** The part of Envoy's API that Legate honours, walked from the bootstrap: what the document and the schema say. */
import type { DescField, DescMessage } from "@bufbuild/protobuf";
import { messageType, registry } from "@legate/envoy-api";
import { extensionTypes, honoured } from "../../packages/proxy/src/extensions.ts";

export const BOOTSTRAP = "envoy.config.bootstrap.v3.Bootstrap";

export function isHonoured(field: DescField): boolean {
  const fields = honoured[field.parent.typeName];
  return fields === "*" || (fields?.includes(field.name) ?? false);
}

export function isWellKnown(type: DescMessage): boolean {
  return type.typeName.startsWith("google.protobuf.");
}

/** Messages that honoured fields of `from` lead to, itself first; those that are extensions left out. */
export function reachable(from: DescMessage, seen: Set<string> = new Set()): DescMessage[] {
  if (seen.has(from.typeName) || isWellKnown(from)) return [];
  seen.add(from.typeName);
  const inner = from.fields
    .filter(isHonoured)
    .flatMap((field) => (field.message === undefined ? [] : reachable(field.message, seen)));
  return [from, ...inner];
}

export function supportedExtensions(): readonly DescMessage[] {
  return [...extensionTypes].sort().map(messageType);
}

/** `envoy.extensions.filters.http.cors.v3.Cors` → its kind `filters.http` and its name `cors`. */
export function extensionPackage(type: DescMessage): { kind: string; name: string } | null {
  const parts = /^envoy\.extensions\.(.+)\.([a-z0-9_]+)\.v3\.[A-Za-z0-9_]+$/.exec(type.typeName);
  return parts === null ? null : { kind: parts[1]!, name: parts[2]! };
}

/** All extensions that Envoy's API has messages for: kind → names. */
export function allExtensionPackages(): Map<string, Set<string>> {
  const all = new Map<string, Set<string>>();
  for (const type of registry()) {
    const found = type.kind === "message" ? extensionPackage(type) : null;
    if (found === null) continue;
    const names = all.get(found.kind) ?? new Set();
    names.add(found.name);
    all.set(found.kind, names);
  }
  return all;
}
