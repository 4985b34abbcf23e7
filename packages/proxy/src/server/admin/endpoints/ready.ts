/** GET /ready: 200 while LIVE. */
import { type AdminEndpoint, textReply } from "../endpoint.ts";

export const ready: AdminEndpoint = {
  path: "/ready",
  method: "GET",
  help: "print server state, return 200 if LIVE, otherwise return 503",
  handle(sources) {
    const state = sources.state();
    return textReply(`${state}\n`, state === "LIVE" ? 200 : 503);
  },
};
