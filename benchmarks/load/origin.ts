/** The origin: answers on raw sockets, so that it never limits a proxy. Prints its port. */
import * as net from "node:net";

const SMALL = Buffer.from(
  "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nok",
);
const BIG = Buffer.concat([
  Buffer.from("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 1048576\r\n\r\n"),
  Buffer.alloc(1024 * 1024, 0x78),
]);

const server = net.createServer((socket) => {
  let head = "";
  let bodyLeft = 0;
  let answer = SMALL;
  socket.setNoDelay(true);
  socket.on("error", () => socket.destroy());
  socket.on("data", (chunk: Buffer) => {
    let at = 0;
    while (at < chunk.length) {
      if (bodyLeft > 0) {
        const taken = Math.min(bodyLeft, chunk.length - at);
        bodyLeft -= taken;
        at += taken;
        if (bodyLeft === 0) socket.write(answer);
        continue;
      }
      const part = chunk.toString("latin1", at);
      const before = head.length;
      head += part;
      const end = head.indexOf("\r\n\r\n", Math.max(0, before - 3));
      if (end < 0) return;
      at += end + 4 - before;
      answer = head.startsWith("GET /big") ? BIG : SMALL;
      bodyLeft = Number(/\r\ncontent-length: (\d+)/i.exec(head)?.[1] ?? 0);
      head = "";
      if (bodyLeft === 0) socket.write(answer);
    }
  });
});
server.listen(0, "127.0.0.1", () => {
  console.log((server.address() as net.AddressInfo).port);
});
