/** google.protobuf.Duration as JSON writes it. */
import { create } from "@bufbuild/protobuf";
import { type Duration, DurationSchema } from "@bufbuild/protobuf/wkt";

/** Source: google/protobuf/duration.proto: about 10,000 years. */
const MAX_SECONDS = 315_576_000_000n;

/** `1.5s` → the message; null for a text of another form or out of range. */
export function parseDuration(text: string): Duration | null {
  const parts = /^(-?)(\d+)(?:\.(\d{1,9}))?s$/.exec(text);
  if (parts === null) return null;
  const seconds = BigInt(parts[2]!);
  if (seconds > MAX_SECONDS) return null;
  const nanos = Number((parts[3] ?? "").padEnd(9, "0"));
  return parts[1] === "-"
    ? create(DurationSchema, { seconds: -seconds, nanos: -nanos })
    : create(DurationSchema, { seconds, nanos });
}

const UNIT_SECONDS: Readonly<Record<string, number>> = {
  "": 1,
  ms: 0.001,
  sec: 1,
  m: 60,
  min: 60,
  h: 3600,
  d: 86_400,
};

/** What a text in other units was probably meant to be; null when it has no such look. */
export function nearestDuration(text: string): string | null {
  const parts = /^(\d+(?:\.\d+)?) ?([a-z]*)$/.exec(text);
  const unit = parts === null ? undefined : UNIT_SECONDS[parts[2]!];
  return unit === undefined ? null : `${Number((Number(parts![1]) * unit).toFixed(9))}s`;
}
