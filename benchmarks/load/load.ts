/** Runs wrk on the load core. */
import { spawn } from "node:child_process";
import { LOAD_CORE } from "./processes.ts";

export interface Load {
  readonly path: string;
  readonly connections: number;
  /** A wrk script. */
  readonly script?: string;
}

/** Resolves to the number of requests completed; rejects when any failed. */
export function runLoad(port: number, load: Load, seconds: number): Promise<number> {
  const args = ["-t1", `-c${load.connections}`, `-d${seconds}s`];
  if (load.script !== undefined) args.push("-s", load.script);
  args.push(`http://127.0.0.1:${port}${load.path}`);
  return new Promise((resolve, reject) => {
    const wrk = spawn("taskset", ["-c", String(LOAD_CORE), "wrk", ...args]);
    let output = "";
    wrk.stdout.on("data", (data: Buffer) => {
      output += data.toString();
    });
    wrk.stderr.on("data", (data: Buffer) => {
      output += data.toString();
    });
    wrk.once("error", (error) => reject(new Error(`wrk can't be run: ${error.message}`)));
    wrk.once("exit", () => {
      const requests = Number(/(\d+) requests in/.exec(output)?.[1] ?? 0);
      if (requests === 0 || /Non-2xx|Socket errors/.test(output)) reject(new Error(output));
      else resolve(requests);
    });
  });
}
