import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { deploy } from "../doubles/deploy";
import { environment, program, root } from "../doubles/program";
import { documentOf } from "./support/readable";
/**
 * Each shipped environment against test/graphs/<stack>.json, written down in full: components, every resource with
 * every input and with the options that decide how the engine treats it, stack outputs. What the program registers
 * now is left in build/graphs/, to be read and copied there when a change is meant.
 */
describe("the program", () => {
    for (const stack of ["dev", "prod", "local"]) {
        it(`registers for ${stack} exactly what was reviewed, and nothing that costs or opens more`, async () => {
            const actual = await documentOf(await deploy(program, environment(stack)));
            mkdirSync(join(root, "build", "graphs"), { recursive: true });
            writeFileSync(join(root, "build", "graphs", `${stack}.json`), `${JSON.stringify(actual, null, 2)}\n`);
            const reviewed = JSON.parse(readFileSync(join(root, "test", "graphs", `${stack}.json`), "utf8"));
            expect(actual).to.deep.equal(reviewed);
        });
    }
    it("ignores the embedded cloud's own settings: what they say must not change what is deployed", async () => {
        const local = environment("local");
        const changed = await deploy(program, { ...local, config: { ...local.config, "local:modelCommand": "true", "local:unheardOf": "1" } });
        expect(await documentOf(changed)).to.deep.equal(await documentOf(await deploy(program, local)));
    });
    it("ends before its first resource when a setting is wrong", async () => {
        const local = environment("local");
        const registered = [];
        const run = deploy(program, { ...local, config: { ...local.config, "sagemaker-async-inference:maxCapacity": "0" } }, registered);
        expect(await run.then(() => "ran", String)).to.contain("maxCapacity: got 0, expected a whole number from 1");
        expect(registered.filter((line) => !line.startsWith("pulumi:pulumi:Stack "))).to.deep.equal([]);
    });
});
