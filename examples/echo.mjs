// Stands in for a model on the laptop: answers each request with what it got, and refuses what is no text, as a real one may.
import { createServer } from "node:http";

createServer((request, response) => {
  const parts = [];
  request.on("data", (part) => parts.push(part));
  request.on("end", () => {
    const type = request.headers["content-type"] ?? "application/octet-stream";
    const body = type.startsWith("image/") ? Buffer.from(`Unsupported content type ${type}`) : Buffer.concat(parts);
    response.writeHead(type.startsWith("image/") ? 415 : 200, { "Content-Type": type, "Content-Length": body.length }).end(body);
  });
}).listen(Number(process.env.PORT ?? 8080));
