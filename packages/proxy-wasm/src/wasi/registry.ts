/** Every WASI function, served under both module names that compilers use. */
import type { Hostcall } from "../hostcalls/hostcall.ts";
import { environmentFunctions } from "./environment.ts";
import { pathAndSocketFunctions } from "./paths-and-sockets.ts";
import { streamFunctions } from "./standard-streams.ts";

export const wasi: readonly Hostcall[] = [
  ...streamFunctions,
  ...environmentFunctions,
  ...pathAndSocketFunctions,
];
