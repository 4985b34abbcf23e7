/** The cases, one line per file. */
import type { ConformanceCase } from "./case.ts";
import { cases as basics } from "./cases/basics.ts";

export const suites: readonly (readonly ConformanceCase[])[] = [basics];
