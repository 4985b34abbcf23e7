/** envoy.access_loggers.file: lines to a file. */
import { closeSync, constants, openSync } from "node:fs";
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
    const problem = canAppend(config.path);
    if (problem !== null) context.fail(config, "path", `unable to open file: ${problem}`);
    return { path: config.path, formatter };
  },
  createLog: ({ path, formatter }, { files }) => new FileAccessLog(formatter, files.open(path)),
};

/** Opens the file as the log will, making it when it is missing, as Envoy does also to validate. Null: it can be opened. */
function canAppend(path: string): string | null {
  const { O_WRONLY, O_APPEND, O_CREAT, O_NONBLOCK } = constants;
  try {
    closeSync(openSync(path, O_WRONLY | O_APPEND | O_CREAT | O_NONBLOCK, 0o644));
    return null;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // A pipe that nobody reads yet.
    return code === "ENXIO" ? null : (REASONS[code ?? ""] ?? `${code}`);
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "No such file or directory",
  EISDIR: "Is a directory",
  EACCES: "Permission denied",
  ENOTDIR: "Not a directory",
};
