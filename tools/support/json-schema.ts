/** A JSON schema (draft 7) of the supported configuration, for editors: completion, hover texts, misspelt names. */
import { type DescEnum, type DescField, type DescMessage, ScalarType } from "@bufbuild/protobuf";
import { comment, fieldRules, messageType } from "@legate/envoy-api";
import { BOOTSTRAP, isHonoured, isWellKnown, supportedExtensions } from "./supported-api.ts";

type Schema = { [key: string]: unknown };

const MAX_DESCRIPTION = 400;

export function jsonSchema(): Schema {
  const definitions = new Map<string, Schema>();
  const extensions = supportedExtensions();
  for (const type of [messageType(BOOTSTRAP), ...extensions]) define(type, definitions);
  for (const type of extensions)
    (definitions.get(type.typeName)!["properties"] as Schema)["@type"] = {};
  definitions.set("extension", extensionSchema(extensions));
  return {
    $schema: "http://json-schema.org/draft-07/schema#",
    title: "Legate: Envoy bootstrap, as far as Legate supports it",
    $ref: `#/definitions/${BOOTSTRAP}`,
    definitions: Object.fromEntries([...definitions].sort(([a], [b]) => (a < b ? -1 : 1))),
  };
}

function define(type: DescMessage, definitions: Map<string, Schema>): Schema {
  const reference = { $ref: `#/definitions/${type.typeName}` };
  if (definitions.has(type.typeName)) return reference;
  const properties: Schema = {};
  const schema: Schema = { type: "object", ...described(type.typeName) };
  definitions.set(type.typeName, schema);
  for (const field of type.fields.filter(isHonoured))
    properties[field.name] = fieldSchema(field, definitions);
  const required = type.fields.filter((field) => isHonoured(field) && mustStand(field));
  if (required.length > 0) schema["required"] = required.map((field) => field.name);
  schema["properties"] = properties;
  schema["additionalProperties"] = false;
  return reference;
}

function described(name: string): Schema {
  const text = comment(name)?.split("\n\n")[0]?.replaceAll("\n", " ");
  if (text === undefined) return {};
  const description =
    text.length > MAX_DESCRIPTION ? `${text.slice(0, MAX_DESCRIPTION - 3)}...` : text;
  return { description };
}

/** Message fields that must be present; texts that must not be empty. */
function mustStand(field: DescField): boolean {
  if (field.oneof !== undefined) return false;
  const rules = fieldRules(field);
  if (rules === null) return false;
  const { type } = rules;
  if (rules.message?.required === true) return true;
  if (type.case === "string")
    return field.fieldKind === "scalar" && (type.value.minLen > 0n || type.value.minBytes > 0n);
  if (type.case === "repeated") return type.value.minItems > 0n;
  return (type.case === "any" || type.case === "duration") && type.value.required;
}

function fieldSchema(field: DescField, definitions: Map<string, Schema>): Schema {
  const single = valueSchema(field, definitions);
  const text = described(`${field.parent.typeName}.${field.name}`);
  switch (field.fieldKind) {
    case "list":
      return { ...text, type: "array", items: single };
    case "map":
      return { ...text, type: "object", additionalProperties: single };
    default:
      // Beside a $ref, draft 7 reads nothing else.
      return "$ref" in single && "description" in text
        ? { ...text, allOf: [single] }
        : { ...text, ...single };
  }
}

function valueSchema(field: DescField, definitions: Map<string, Schema>): Schema {
  if (field.enum !== undefined) return enumSchema(field.enum);
  if (field.message !== undefined) return messageSchema(field.message, definitions);
  return scalarSchema((field as { scalar?: ScalarType }).scalar ?? ScalarType.STRING, field);
}

function enumSchema(type: DescEnum): Schema {
  return { enum: type.values.map((value) => value.name) };
}

function messageSchema(type: DescMessage, definitions: Map<string, Schema>): Schema {
  if (!isWellKnown(type)) return define(type, definitions);
  switch (type.name) {
    case "Any":
      return { $ref: "#/definitions/extension" };
    case "Duration":
      return { type: "string", pattern: "^\\d+(\\.\\d{1,9})?s$" };
    case "Struct":
      return { type: "object" };
    case "Value":
      return {};
    default: {
      const inner = type.fields.find((field) => field.name === "value");
      return inner === undefined ? {} : valueSchema(inner, new Map());
    }
  }
}

function scalarSchema(type: ScalarType, field: DescField): Schema {
  switch (type) {
    case ScalarType.STRING:
    case ScalarType.BYTES:
      return { type: "string" };
    case ScalarType.BOOL:
      return { type: "boolean" };
    case ScalarType.DOUBLE:
    case ScalarType.FLOAT:
      return { type: "number", ...bounds(field) };
    default:
      return { type: "integer", ...bounds(field) };
  }
}

function bounds(field: DescField): Schema {
  const rules = fieldRules(field)?.type.value as { gte?: unknown; lte?: unknown } | undefined;
  const result: Schema = {};
  if (rules !== undefined && Object.hasOwn(rules, "gte")) result["minimum"] = Number(rules.gte);
  if (rules !== undefined && Object.hasOwn(rules, "lte")) result["maximum"] = Number(rules.lte);
  return result;
}

/** What may stand in an Any: told apart by @type. */
function extensionSchema(extensions: readonly DescMessage[]): Schema {
  const url = (type: DescMessage) => `type.googleapis.com/${type.typeName}`;
  const others = ["google.protobuf.Struct", "google.protobuf.StringValue"];
  return {
    type: "object",
    required: ["@type"],
    properties: {
      "@type": {
        enum: [...extensions.map(url), ...others.map((name) => `type.googleapis.com/${name}`)],
      },
    },
    allOf: extensions.map((type) => ({
      if: { properties: { "@type": { const: url(type) } } },
      // biome-ignore lint/suspicious/noThenProperty: a word of JSON schema
      then: { $ref: `#/definitions/${type.typeName}` },
    })),
  };
}
