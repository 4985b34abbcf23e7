/** What the command line says; the shape that embedders fill too. */
export interface ServerOptions {
  readonly configPath: string | null;
  /** YAML text merged over the file. */
  readonly configYaml: string | null;
  /** Null: the number of cores. */
  readonly concurrency: number | null;
  readonly logLevel: string;
  /** `upstream:debug,wasm:trace`; "" for none. */
  readonly componentLogLevel: string;
  readonly logFormat: string | null;
  readonly logPath: string | null;
  readonly serviceNode: string | null;
  readonly serviceCluster: string | null;
  readonly serviceZone: string | null;
  readonly adminAddressPath: string | null;
  readonly drainTimeMs: number;
  readonly drainStrategy: "gradual" | "immediate";
  readonly fileFlushIntervalMs: number;
  readonly fileFlushBytes: number;
  /** Unsupported fields are warned of, not refused. */
  readonly allowUnsupported: boolean;
  /** Fields that Envoy's API doesn't have are warned of, not refused. */
  readonly allowUnknown: boolean;
  /** Line breaks and other control characters in log lines are escaped as in C. */
  readonly logFormatEscaped: boolean;
  /** Tags that every stat has. */
  readonly statsTags: readonly { readonly name: string; readonly value: string }[];
  /** Flags without a meaning here, named once in the log. */
  readonly ignoredFlags: readonly string[];
}
