/** The proxy as a library: what the legate command and embedders use. */
export { runServer, validateConfig, version } from "./main.ts";
export type { ServerOptions } from "./server/options.ts";
