import path from "node:path";
import { deploy } from "../local/deploy/deploy";
import { EmbeddedCloud } from "../local/embeddedCloud";
import { readStack } from "../local/stackFile";
import { instantTarget } from "./instantTarget";
import { aim, compare, root, seconds, table, timed } from "./measure";
const runs = 5;
/** Process start to the whole graph registered, of the project's program and of one that only imports @pulumi/aws. */
export async function programRun() {
    const cloud = await EmbeddedCloud.start();
    try {
        const target = instantTarget(cloud);
        let registered = 0;
        const program = (directory, stackName, compiledMain) => {
            const stack = readStack(directory, stackName);
            return () => timed(async () => {
                registered = 0;
                await deploy({ ...stack, main: compiledMain ?? stack.main }, target, (event) => {
                    if (event.kind === "resource" && event.change === "created")
                        registered++;
                });
            });
        };
        const emptyFolder = path.join(root, "bench/empty");
        const programs = {
            empty: program(emptyFolder, "bench", path.join(root, "build/bench/empty/index.js")),
            emptyTsNode: program(emptyFolder, "bench"),
            own: program(root, "local", path.join(root, "build/index.js")),
            ownTsNode: program(root, "local"),
        };
        // The first round warms the disk's cache.
        await compare(1, programs);
        const { empty, emptyTsNode, own, ownTsNode } = await compare(runs, programs);
        const rows = [
            ["", "compiled", "ts-node"],
            ["empty program", seconds(empty), seconds(emptyTsNode)],
            [`this program (${registered} resources)`, seconds(own), seconds(ownTsNode)],
            ["it adds", seconds(own - empty), seconds(ownTsNode - emptyTsNode)],
        ];
        return [
            `Program run: process start to the whole graph registered (median of ${runs})`,
            table(rows),
            `  compiled: ${aim(own - empty, 2500)}; ts-node: ${aim(ownTsNode - emptyTsNode, 2500)}`,
        ].join("\n");
    }
    finally {
        await cloud.close();
    }
}
