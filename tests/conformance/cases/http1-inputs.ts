/** Every raw request of http1-inputs/ through the whole proxy, with default options. */
import { type ConformanceCase, raw } from "../case.ts";
import { INPUTS } from "../http1-inputs/inputs.ts";

export const cases: readonly ConformanceCase[] = INPUTS.map(([name, bytes]) => ({
  name: `http1-inputs/${name}`,
  isWarm: true,
  steps: raw(bytes),
}));
