import { handlerLogGroups } from "../../cli/logGroups";
import { version } from "../../client/version";
import { priceOf } from "../../components/prices";
import { consoleKey, pageDirectory, shownService, startConsole } from "../../console/server";
import { servicesIn } from "../../outputs";
import { viewOf } from "./laptop";
/** How soon the page of a cloud in this process looks by itself; what happens in the cloud has it look at once. */
const pace = { jobs: 2000, overview: 1500 };
/**
 * Serves the console over every service of a cloud, those of programs that are deployed later included.
 *
 * @param port where; another free one when it is taken
 * @param onAddressUsed is told the next address when one was used
 */
export async function startCloudConsole(cloud, clock, port, onAddressUsed) {
    const view = viewOf(cloud, clock);
    const known = new Map();
    const services = () => {
        for (const [name, outputs] of deployedServices(cloud)) {
            if (known.has(name))
                continue;
            const credentials = { accessKeyId: "test", secretAccessKey: "test" };
            const aws = { region: cloud.region, endpoint: cloud.endpointUrl, credentials };
            known.set(name, shownService({
                name,
                outputs,
                aws,
                speed: () => clock.speed,
                pricePerHourUsd: priceOf,
                handlerLogGroups: () => handlerLogGroups(outputs, aws),
                seen: (jobId) => view.seen(jobId),
                every: pace,
            }));
        }
        return [...known.values()];
    };
    const options = {
        services,
        key: consoleKey(process.env),
        pageDirectory: pageDirectory(),
        version,
        laptop: view,
        onAddressUsed,
    };
    const started = await startConsole({ ...options, port }).catch((error) => {
        if (error.code !== "EADDRINUSE")
            throw error;
        return startConsole(options);
    });
    const nudge = () => started.nudge();
    cloud.events.on("event", nudge);
    return {
        get address() {
            return started.address;
        },
        close: async () => {
            cloud.events.off("event", nudge);
            view.close();
            await started.close();
            await Promise.all([...known.values()].map(({ client }) => client.close()));
        },
    };
}
/** Every service of every program, by `project/stack` and, where a program has several, its output's name. */
function deployedServices({ stacks }) {
    return [...stacks.entries()].flatMap(([name, { outputs }]) => {
        if ("contractVersion" in outputs)
            return [[name, outputs]];
        return servicesIn(outputs).map((each) => [`${name} ${each}`, outputs[each]]);
    });
}
