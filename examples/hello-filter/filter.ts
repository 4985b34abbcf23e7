/** A TypeScript filter in its shortest form: a header for the upstream, a header for the client. */
import { defineFilter } from "@legate/filter-sdk";

interface Config {
  /** What the response header says. */
  greeting?: string;
}

export default defineFilter<Config>({
  configSchema: {
    type: "object",
    properties: { greeting: { type: "string" } },
    additionalProperties: false,
  },
  onRequest(request) {
    request.headers.set("x-seen-by", "hello-filter");
  },
  onResponse(response, { config }) {
    response.headers.set("x-greeting", config.greeting ?? "hello");
  },
});
