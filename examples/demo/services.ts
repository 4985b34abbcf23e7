/** Services A and B of the demo, each a few lines on node:http. */
import * as http from "node:http";
import type { AddressInfo } from "node:net";

export interface Service {
  readonly port: number;
  close(): void;
}

function serve(handler: http.RequestListener): Promise<Service> {
  const server = http.createServer(handler);
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => {
      const close = () => {
        server.close();
        server.closeAllConnections();
      };
      resolve({ port: (server.address() as AddressInfo).port, close });
    });
  });
}

/** B says hello. `failsEvery` n: each n-th answer is a 503, as from an instance in trouble; 0 for never. */
export function startB(name: string, failsEvery: number): Promise<Service> {
  let count = 0;
  return serve((request, response) => {
    count++;
    const fails = failsEvery > 0 && count % failsEvery === 0;
    response.writeHead(fails ? 503 : 200, { "content-type": "text/plain", "x-instance": name });
    response.end(
      fails ? "out of order\n" : `hello from ${name}, seen by ${request.headers["x-seen-by"]}\n`,
    );
  });
}

/** A asks B and passes the answer on. It knows one address for B: its sidecar's. */
export function startA(sidecarPort: number): Promise<Service> {
  return serve((request, response) => {
    const call = http.get(
      { host: "127.0.0.1", port: sidecarPort, path: request.url, headers: { host: "b" } },
      (answer) => {
        const { "x-instance": instance, "x-greeting": greeting } = answer.headers;
        response.writeHead(answer.statusCode ?? 500, {
          "x-instance": instance ?? "",
          "x-greeting": greeting ?? "",
        });
        answer.pipe(response);
      },
    );
    call.on("error", (error) => {
      response.writeHead(502);
      response.end(`A could not reach its sidecar: ${error.message}\n`);
    });
  });
}
