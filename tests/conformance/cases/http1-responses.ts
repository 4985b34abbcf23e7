/** Every raw response of http1-inputs/ through the whole proxy. */
import { type ConformanceCase, get, quiet, rawAnswer, send } from "../case.ts";
import { RESPONSES } from "../http1-inputs/responses.ts";

export const cases: readonly ConformanceCase[] = RESPONSES.map(
  ([name, bytes, method = "GET", closes = false]) => ({
    name: `http1-responses/${name}`,
    origin: closes ? rawAnswer(bytes, "close") : rawAnswer(bytes),
    steps: [send(get("/", "", method)), quiet()],
  }),
);
