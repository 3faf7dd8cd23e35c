// Answers on this machine as the model's container does on SageMaker: GET /ping and POST /invocations.
import { createServer } from "node:http";

const server = createServer(async (request, response) => {
  if (request.url === "/ping") return response.end();
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  let inputs;
  try {
    ({ inputs } = JSON.parse(Buffer.concat(chunks).toString()));
  } catch {
    response.statusCode = 400;
    response.setHeader("Content-Type", "text/plain");
    return response.end('Expected JSON such as {"inputs": "What a good day."}');
  }
  const label = /bad|poor|sad/i.test(inputs) ? "NEGATIVE" : "POSITIVE";
  response.setHeader("Content-Type", "application/json");
  response.end(JSON.stringify([{ label, score: 0.99 }]));
});
server.listen(Number(process.env.PORT), "127.0.0.1");
