// Stands in for a model on the laptop: answers each request with what it got.
import { createServer } from "node:http";

createServer((request, response) => {
  const parts = [];
  request.on("data", (part) => parts.push(part));
  request.on("end", () => {
    const body = Buffer.concat(parts);
    const type = request.headers["content-type"] ?? "application/octet-stream";
    response.writeHead(200, { "Content-Type": type, "Content-Length": body.length }).end(body);
  });
}).listen(Number(process.env.PORT ?? 8080));
