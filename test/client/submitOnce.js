/** A process of an application: submits one job of the service in its arguments, and ends. */
import { SageMakerAsyncClient } from "../../client";
const [outputs = "", jobId = ""] = process.argv.slice(2);
const client = SageMakerAsyncClient.fromStackOutputs(JSON.parse(outputs));
void client.submit({ text: "left" }, { jobId }).then(() => client.close());
