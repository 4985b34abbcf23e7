/** Measures one scenario: both proxies run, and are loaded in turn. */
import { bootstrap } from "./config.ts";
import { runLoad } from "./load.ts";
import { freePort, type Pinned, type ProxyName, startProxy } from "./processes.ts";
import type { Scenario } from "./scenarios.ts";

export interface Plan {
  readonly originPort: number;
  readonly folder: string;
  readonly rounds: number;
  readonly seconds: number;
  readonly warmUpSeconds: number;
}

export const PROXIES: readonly ProxyName[] = ["envoy", "legate"];

/** CPU time of the proxy per request, µs, by proxy and round. */
export type Samples = Record<ProxyName, number[]>;

export async function measure(
  scenario: Scenario,
  plan: Plan,
  report: (line: string) => void,
): Promise<Samples> {
  const samples: Samples = { envoy: [], legate: [] };
  const running = new Map<ProxyName, { proxy: Pinned; port: number }>();
  try {
    for (const name of PROXIES) {
      const port = await freePort();
      const config = bootstrap(port, plan.originPort, scenario.filters[name]);
      running.set(name, { proxy: await startProxy(name, config, port, plan.folder), port });
    }
    for (const { port } of running.values()) await runLoad(port, scenario.load, plan.warmUpSeconds);
    for (let round = 0; round < plan.rounds; round++) {
      for (const [name, { proxy, port }] of running) {
        const before = proxy.cpuMicros();
        const requests = await runLoad(port, scenario.load, plan.seconds);
        const micros = (proxy.cpuMicros() - before) / requests;
        samples[name].push(micros);
        report(`${scenario.name} ${round + 1}/${plan.rounds} ${name}: ${micros.toFixed(1)} µs`);
      }
    }
  } finally {
    for (const { proxy } of running.values()) await proxy.stop();
  }
  return samples;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? Number.NaN;
}
