/** Merging one message into another, as protobuf's MergeFrom does. */
import type { DescField, Message } from "@bufbuild/protobuf";
import { messageType } from "@legate/envoy-api";

/** Scalars replace, messages merge, lists append. `target` is changed. */
export function mergeMessages(target: Message, from: Message): void {
  const type = messageType(target.$typeName);
  const to = target as unknown as Record<string, unknown>;
  const other = from as unknown as Record<string, unknown>;
  for (const field of type.fields) if (field.oneof === undefined) mergeField(field, to, other);
  for (const oneof of type.oneofs) mergeOneof(oneof.localName, to, other);
}

function mergeField(
  field: DescField,
  to: Record<string, unknown>,
  other: Record<string, unknown>,
): void {
  const name = field.localName;
  const value = other[name];
  if (value === undefined) return;
  if (field.fieldKind === "list")
    to[name] = [...((to[name] as unknown[] | undefined) ?? []), ...(value as unknown[])];
  else if (field.fieldKind === "map") Object.assign(to[name] as object, value);
  else if (field.fieldKind === "message" && isMergeable(to[name]) && isMergeable(value))
    mergeMessages(to[name], value);
  else if (
    field.fieldKind === "message" ||
    (value !== 0 && value !== "" && value !== false && value !== 0n)
  )
    to[name] = value;
}

interface Oneof {
  readonly case: string | undefined;
  readonly value?: unknown;
}

/** Messages of the same case merge; anything else replaces. */
function mergeOneof(
  name: string,
  to: Record<string, unknown>,
  other: Record<string, unknown>,
): void {
  const value = other[name] as Oneof | undefined;
  if (value?.case === undefined) return;
  const current = to[name] as Oneof | undefined;
  if (current?.case === value.case && isMergeable(current.value) && isMergeable(value.value))
    mergeMessages(current.value, value.value);
  else to[name] = value;
}

function isMergeable(value: unknown): value is Message {
  return (
    typeof value === "object" &&
    value !== null &&
    typeof (value as { $typeName?: unknown }).$typeName === "string" &&
    !(value as Message).$typeName.startsWith("google.protobuf.")
  );
}
