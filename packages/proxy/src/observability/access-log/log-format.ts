/** config.core.v3.SubstitutionFormatString and the loggers' older format fields → Formatter. */

import type { Message } from "@bufbuild/protobuf";
import type { ConfigContext, HonouredFields } from "../../extension.ts";
import { compileFormat } from "../../http/formatter/compile-format.ts";
import { compileJsonFormat, type JsonStruct } from "../../http/formatter/compile-json-format.ts";
import type { Formatter } from "../../http/formatter/contracts.ts";

/** The line of a logger that names no format. Source: source/common/formatter/substitution_formatter.cc. */
export const DEFAULT_LOG_FORMAT =
  '[%START_TIME%] "%REQUEST_HEADER(:METHOD)% %REQUEST_HEADER(X-ENVOY-ORIGINAL-PATH?:PATH)% %PROTOCOL%" ' +
  "%RESPONSE_CODE% %RESPONSE_FLAGS% %BYTES_RECEIVED% %BYTES_SENT% %DURATION% " +
  '%RESPONSE_HEADER(X-ENVOY-UPSTREAM-SERVICE-TIME)% "%REQUEST_HEADER(X-FORWARDED-FOR)%" ' +
  '"%REQUEST_HEADER(USER-AGENT)%" "%REQUEST_HEADER(X-REQUEST-ID)%" "%REQUEST_HEADER(:AUTHORITY)%" ' +
  '"%UPSTREAM_HOST%"\n';

/** The shape of a config.core.v3.SubstitutionFormatString as protobuf-es gives it. */
export interface SubstitutionFormatString {
  readonly format:
    | { readonly case: "textFormat"; readonly value: string }
    | { readonly case: "jsonFormat"; readonly value: JsonStruct }
    | { readonly case: "textFormatSource"; readonly value: Message }
    | { readonly case: undefined; readonly value?: undefined };
  readonly omitEmptyValues: boolean;
}

/** The oneof access_log_format of file, stdout and stderr loggers. */
export type LogFormatField =
  | { readonly case: "format"; readonly value: string }
  | { readonly case: "jsonFormat"; readonly value: JsonStruct }
  | { readonly case: "typedJsonFormat"; readonly value: JsonStruct }
  | { readonly case: "logFormat"; readonly value: SubstitutionFormatString }
  | { readonly case: undefined; readonly value?: undefined };

/** content_type is honoured where the text is a body; formatters and json_format_options are refused. */
export const formatHonours: HonouredFields = {
  "envoy.config.core.v3.SubstitutionFormatString": [
    "text_format",
    "json_format",
    "text_format_source",
    "omit_empty_values",
    "content_type",
  ],
  "google.protobuf.Struct": "*",
};

/** Throws a ConfigError at the format's field. */
export function parseSubstitutionFormat(
  message: SubstitutionFormatString,
  context: ConfigContext,
): Formatter {
  const { format } = message;
  const options = { omitEmpty: message.omitEmptyValues };
  switch (format.case) {
    case "textFormat":
      return attempt(context, message, "text_format", () => compileFormat(format.value, options));
    case "textFormatSource": {
      const bytes = context.readDataSource(format.value, message, "text_format_source");
      const text = new TextDecoder().decode(bytes);
      return attempt(context, message, "text_format_source", () => compileFormat(text, options));
    }
    case "jsonFormat":
      return attempt(context, message, "json_format", () =>
        compileJsonFormat(format.value, options),
      );
    default:
      return context.fail(message, "text_format", "a format is required");
  }
}

/** The format of one logger; `owner` holds the oneof. Throws a ConfigError. */
export function parseLogFormat(
  owner: object,
  field: LogFormatField,
  context: ConfigContext,
): Formatter {
  switch (field.case) {
    case "format": {
      const text = field.value === "" ? DEFAULT_LOG_FORMAT : field.value;
      return attempt(context, owner, "format", () => compileFormat(text));
    }
    case "jsonFormat":
      return attempt(context, owner, "json_format", () => compileJsonFormat(field.value));
    case "typedJsonFormat":
      return attempt(context, owner, "typed_json_format", () => compileJsonFormat(field.value));
    case "logFormat":
      return parseSubstitutionFormat(field.value, context);
    default:
      return compileFormat(DEFAULT_LOG_FORMAT);
  }
}

function attempt(
  context: ConfigContext,
  owner: object,
  field: string,
  compile: () => Formatter,
): Formatter {
  try {
    return compile();
  } catch (error) {
    return context.fail(owner, field, (error as Error).message);
  }
}
