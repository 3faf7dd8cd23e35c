import { existsSync } from "node:fs";
import path from "node:path";
import { SageMakerAsyncClient } from "../../client/client";
import { lettersOf } from "./deadLetters";
import { LiveService } from "./live";
export { consoleKey } from "./key";
export { startConsole } from "./server";
/** Of a deployed service: what it costs to look, and how soon somebody wants to know. */
const deployedPace = { jobs: 3000, overview: 10_000 };
/** A service as the console shows it; its client is closed by whoever asked for it. */
export function shownService({ name, outputs, aws, speed = () => 1, every = deployedPace, ...options }) {
    const { endpoint, credentials } = aws;
    const client = SageMakerAsyncClient.fromStackOutputs(outputs, {
        ...(endpoint !== undefined && { endpointUrl: endpoint }),
        ...(credentials !== undefined && { credentials }),
    });
    const { pricePerHourUsd, handlerLogGroups, seen } = options;
    const live = new LiveService({ client, jobsMilliseconds: every.jobs, overviewMilliseconds: every.overview, speed, pricePerHourUsd });
    return { name, outputs, client, live, letters: lettersOf(outputs, aws), handlerLogGroups, ...(seen && { seen }) };
}
/** The folder with the page's files: beside the bundle, or in the build. */
export function pageDirectory() {
    const places = [path.join(__dirname, "page"), path.join(__dirname, "../page")];
    const found = places.find((place) => existsSync(path.join(place, "index.html")));
    if (found === undefined)
        throw new Error(`the console's page is in none of ${places.join(", ")}: npm run build makes it`);
    return found;
}
