/** envoy.access_loggers.stdout: lines to stdout. */
import type { Message } from "@bufbuild/protobuf";
import type { AccessLogExtension } from "../access-log.ts";
import { FileAccessLog, type FileAccessLogConfig } from "../file-access-log.ts";
import { formatHonours, type LogFormatField, parseLogFormat } from "../log-format.ts";

/** extensions.access_loggers.stream.v3.StdoutAccessLog */
interface ConfigMessage extends Message {
  readonly accessLogFormat: LogFormatField;
}

export const stdoutAccessLog: AccessLogExtension<FileAccessLogConfig> = {
  name: "envoy.access_loggers.stdout",
  configType: "envoy.extensions.access_loggers.stream.v3.StdoutAccessLog",
  honours: {
    "envoy.extensions.access_loggers.stream.v3.StdoutAccessLog": ["log_format"],
    ...formatHonours,
  },
  parseConfig(message, context) {
    const config = message as ConfigMessage;
    const formatter = parseLogFormat(config, config.accessLogFormat, context);
    return { path: "/dev/stdout", formatter };
  },
  createLog: ({ path, formatter }, { files }) => new FileAccessLog(formatter, files.open(path)),
};
