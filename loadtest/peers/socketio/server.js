// Socket.IO over WebSocket only, without compression and without its HTTP polling. Argument: the port.
// `POST /publish` sends its JSON body to everybody.
import { createServer } from "node:http";
import { Server } from "socket.io";

const http = createServer((request, response) => {
  if (request.method !== "POST") return response.end("ok");
  const parts = [];
  request.on("data", (part) => parts.push(part));
  request.on("end", () => {
    io.emit("m", JSON.parse(Buffer.concat(parts).toString()));
    response.end();
  });
});
http.keepAliveTimeout = 0;
const io = new Server(http, {
  transports: ["websocket"],
  perMessageDeflate: false,
  httpCompression: false,
  serveClient: false,
  pingInterval: 3_600_000,
  pingTimeout: 3_600_000,
});
http.listen(Number(process.argv[2]), "127.0.0.1", 4096);
