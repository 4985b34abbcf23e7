/** POST endpoints that do one thing and answer OK. */
import { type AdminEndpoint, textReply } from "../endpoint.ts";
import type { AdminSources } from "../sources.ts";

function action(
  path: string,
  help: string,
  act: (sources: AdminSources, params: URLSearchParams) => void,
): AdminEndpoint {
  return {
    path,
    method: "POST",
    help,
    handle(sources, params) {
      act(sources, params);
      return textReply("OK\n");
    },
  };
}

export const actions: readonly AdminEndpoint[] = [
  action("/quitquitquit", "exit the server", (sources) => sources.quit()),
  action("/healthcheck/fail", "cause the server to fail health checks", (sources) =>
    sources.failHealthCheck(true),
  ),
  action("/healthcheck/ok", "cause the server to pass health checks", (sources) =>
    sources.failHealthCheck(false),
  ),
  action("/reset_counters", "reset all counters to zero", (sources) => sources.resetCounters()),
  action("/reopen_logs", "reopen access logs", (sources) => sources.reopenLogs()),
  action("/drain_listeners", "drain listeners", (sources, params) =>
    sources.drainListeners({
      graceful: params.has("graceful"),
      skipExit: params.has("skip_exit"),
      inboundOnly: params.has("inboundonly"),
    }),
  ),
];
