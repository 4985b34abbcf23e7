/** Messages as JSON for people to see, without their secrets. */
import {
  type DescField,
  type DescMessage,
  type JsonObject,
  type JsonValue,
  type Message,
  ScalarType,
  toJson,
} from "@bufbuild/protobuf";
import { isSensitive, messageType, registry, typeNameOfUrl } from "@legate/envoy-api";

const REDACTED = "[redacted]";
const REDACTED_BASE64 = Buffer.from(REDACTED).toString("base64");

/**
 * A message as JSON with proto field names. In fields that the API marks as sensitive, and all that is
 * inside of them, texts and bytes read `[redacted]` and everything else is left out, as in Envoy's
 * config dump.
 */
export function redactedJson(message: Message): JsonObject {
  const type = messageType(message.$typeName);
  const json = toJson(type, message, { registry: registry(), useProtoFieldName: true });
  return redactObject(type, json as JsonObject, false);
}

/** `type` is null inside of a Struct, where no field is known. */
function redactObject(type: DescMessage | null, json: JsonObject, isSecret: boolean): JsonObject {
  const result: JsonObject = {};
  const url = json["@type"];
  const actual =
    typeof url === "string" ? (registry().getMessage(typeNameOfUrl(url)) ?? null) : type;
  for (const [key, value] of Object.entries(json)) {
    const field = actual?.fields.find((known) => known.name === key) ?? null;
    const redacted =
      key === "@type"
        ? value
        : redactValue(field, value, isSecret || (field !== null && isSensitive(field)));
    if (redacted !== undefined) result[key] = redacted;
  }
  return result;
}

/** Undefined: left out. */
function redactValue(
  field: DescField | null,
  value: JsonValue,
  isSecret: boolean,
): JsonValue | undefined {
  if (Array.isArray(value))
    return value
      .map((item) => redactValue(field, item, isSecret))
      .filter((item) => item !== undefined);
  if (typeof value === "object" && value !== null) {
    if (field?.fieldKind !== "map") return redactObject(field?.message ?? null, value, isSecret);
    const entries = Object.entries(value).map(
      ([key, item]) =>
        [
          key,
          typeof item === "object" && item !== null && !Array.isArray(item)
            ? redactObject(field.message ?? null, item, isSecret)
            : redactValue(field, item, isSecret),
        ] as const,
    );
    return Object.fromEntries(entries.filter(([, item]) => item !== undefined)) as JsonObject;
  }
  if (!isSecret) return value;
  if (typeof value !== "string" || field?.enum !== undefined) return undefined;
  const { scalar } = (field ?? {}) as { scalar?: ScalarType };
  return scalar === ScalarType.BYTES ? REDACTED_BASE64 : REDACTED;
}
