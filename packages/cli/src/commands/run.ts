/** `legate -c envoy.yaml`: runs the proxy, or checks the configuration with --mode validate. */
import { runServer, validateConfig, version } from "@legate/proxy";
import type { Command } from "../command.ts";
import { flagsHelp, parseFlags } from "../flags.ts";

export const run: Command = {
  name: "run",
  help: "run the proxy (what legate does without a verb)",
  usage: () =>
    [
      "Usage: legate [run] -c FILE [flags]",
      "",
      "Runs the proxy until SIGTERM or SIGINT, then lets requests under way end. SIGUSR1 reopens the logs.",
      "Exit code 0 on a clean stop, 1 when the configuration is bad or the proxy can't start.",
      "",
      flagsHelp(),
    ].join("\n"),
  async execute(args) {
    const flags = parseFlags(args);
    switch (flags.kind) {
      case "help":
        console.log(this.usage());
        return 0;
      case "version":
        console.log(`legate version: ${version()}`);
        return 0;
      case "hot-restart-version":
        console.log("disabled");
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
