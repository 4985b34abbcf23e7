/** `legate -c envoy.yaml`: runs the proxy, or checks the configuration with --mode validate. */
import { runServer, validateConfig, version } from "@legate/proxy";
import { flagsHelp, parseFlags } from "../flags.ts";

export const run = {
  name: "run",
  help: "run the proxy (the default)",
  async execute(args: readonly string[]): Promise<number> {
    const flags = parseFlags(args);
    switch (flags.kind) {
      case "help":
        console.log(`Usage: legate -c FILE [flags]\n\n${flagsHelp()}`);
        return 0;
      case "version":
        console.log(`legate version: ${version()}`);
        return 0;
      case "error":
        for (const line of flags.message.split("\n")) console.error(`legate: ${line}`);
        console.error("Try 'legate --help'.");
        return 1;
      case "run":
        return flags.validateOnly ? validateConfig(flags.options) : runServer(flags.options);
    }
  },
};
