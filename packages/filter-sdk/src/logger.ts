/** Lines of the application log; `%` has no meaning in messages. */
export interface Logger {
  /** 0 trace … 5 critical, 6 off: test before building an expensive message. */
  readonly level: number;
  trace(message: string): void;
  debug(message: string): void;
  info(message: string): void;
  warn(message: string): void;
  error(message: string): void;
  critical(message: string): void;
}
