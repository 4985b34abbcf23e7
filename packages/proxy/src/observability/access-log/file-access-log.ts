/** A logger that writes one formatted line per stream to a file; stdout and stderr are files too. */
import type { StreamInfo } from "@legate/filter-sdk";
import type { Formatter } from "../../http/formatter/contracts.ts";
import type { AccessLog } from "./access-log.ts";
import type { LogFile } from "./log-files.ts";

export interface FileAccessLogConfig {
  readonly path: string;
  readonly formatter: Formatter;
}

export class FileAccessLog implements AccessLog {
  private readonly formatter: Formatter;
  private readonly file: LogFile;

  constructor(formatter: Formatter, file: LogFile) {
    this.formatter = formatter;
    this.file = file;
  }

  log(info: StreamInfo): void {
    this.file.write(this.formatter.format(info));
  }
}
