/** The cases, one line per file. */
import type { ConformanceCase } from "./case.ts";
import { cases as basics } from "./cases/basics.ts";
import { cases as http1Inputs } from "./cases/http1-inputs.ts";
import { cases as http1Options } from "./cases/http1-options.ts";
import { cases as http1Responses } from "./cases/http1-responses.ts";
import { cases as upstream } from "./cases/upstream.ts";
import { cases as wasmGo } from "./cases/wasm-go.ts";

export const suites: readonly (readonly ConformanceCase[])[] = [
  basics,
  http1Inputs,
  http1Options,
  http1Responses,
  upstream,
  wasmGo,
];
