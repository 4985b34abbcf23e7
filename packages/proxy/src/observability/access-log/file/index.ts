/** envoy.access_loggers.file: lines to a file. */
import type { Message } from "@bufbuild/protobuf";
import type { AccessLogExtension } from "../access-log.ts";
import { FileAccessLog, type FileAccessLogConfig } from "../file-access-log.ts";
import { formatHonours, type LogFormatField, parseLogFormat } from "../log-format.ts";

/** extensions.access_loggers.file.v3.FileAccessLog */
interface ConfigMessage extends Message {
  readonly path: string;
  readonly accessLogFormat: LogFormatField;
}

export const fileAccessLog: AccessLogExtension<FileAccessLogConfig> = {
  name: "envoy.access_loggers.file",
  configType: "envoy.extensions.access_loggers.file.v3.FileAccessLog",
  honours: {
    "envoy.extensions.access_loggers.file.v3.FileAccessLog": [
      "path",
      "format",
      "json_format",
      "typed_json_format",
      "log_format",
    ],
    ...formatHonours,
  },
  parseConfig(message, context) {
    const config = message as ConfigMessage;
    const formatter = parseLogFormat(config, config.accessLogFormat, context);
    return { path: config.path, formatter };
  },
  createLog: ({ path, formatter }, { files }) => new FileAccessLog(formatter, files.open(path)),
};
