/** envoy.access_loggers.stderr: lines to stderr. */
import type { Message } from "@bufbuild/protobuf";
import type { AccessLogExtension } from "../access-log.ts";
import { FileAccessLog, type FileAccessLogConfig } from "../file-access-log.ts";
import { formatHonours, type LogFormatField, parseLogFormat } from "../log-format.ts";

/** extensions.access_loggers.stream.v3.StderrAccessLog */
interface ConfigMessage extends Message {
  readonly accessLogFormat: LogFormatField;
}

export const stderrAccessLog: AccessLogExtension<FileAccessLogConfig> = {
  name: "envoy.access_loggers.stderr",
  configType: "envoy.extensions.access_loggers.stream.v3.StderrAccessLog",
  honours: {
    "envoy.extensions.access_loggers.stream.v3.StderrAccessLog": ["log_format"],
    ...formatHonours,
  },
  parseConfig(message, context) {
    const config = message as ConfigMessage;
    const formatter = parseLogFormat(config, config.accessLogFormat, context);
    return { path: "/dev/stderr", formatter };
  },
  createLog: ({ path, formatter }, { files }) => new FileAccessLog(formatter, files.open(path)),
};
