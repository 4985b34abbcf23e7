/** Memory of idle connections: each has sent one request and stays open. */
import * as net from "node:net";
import { bootstrap } from "./config.ts";
import { freePort, type ProxyName, startProxy } from "./processes.ts";

const REQUEST = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
const BATCH = 100;

/** Bytes of resident memory per connection. */
export async function idleMemory(
  name: ProxyName,
  originPort: number,
  connections: number,
  folder: string,
): Promise<number> {
  const port = await freePort();
  const proxy = await startProxy(name, bootstrap(port, originPort, []), port, folder);
  const sockets: net.Socket[] = [];
  try {
    for (let i = 0; i < BATCH; i++) sockets.push(await used(port));
    const before = proxy.residentBytes();
    while (sockets.length < connections + BATCH)
      sockets.push(...(await Promise.all(Array.from({ length: BATCH }, () => used(port)))));
    return (proxy.residentBytes() - before) / (sockets.length - BATCH);
  } finally {
    for (const socket of sockets) socket.destroy();
    await proxy.stop();
  }
}

/** A connection with one answered request. */
function used(port: number): Promise<net.Socket> {
  return new Promise((resolve, reject) => {
    const socket = net.connect(port, "127.0.0.1", () => socket.write(REQUEST));
    socket.once("error", reject);
    socket.once("data", () => resolve(socket));
  });
}
