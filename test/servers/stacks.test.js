import { readFileSync, readdirSync } from "node:fs";
import path from "node:path";
import { expect } from "chai";
import { serverFamilyOf, variablesFor } from "../../components/serverFamilies";
import { root, skipReason, stacks } from "../../servers/stacks";
describe("model servers that are run for real", () => {
    const named = (name) => stacks.find((stack) => stack.name === name);
    it("are given images that the program takes for their family, so that the run tries the program's own variables", () => {
        expect(stacks.map(({ name, image }) => [name, serverFamilyOf(image)])).to.deep.equal(stacks.map(({ name, family }) => [name, family]));
    });
    it("are scaled down by a variable that the program sets, where it sets one: else the long job would prove nothing", () => {
        const scaled = stacks.map(({ name, family, ownLimit }) => {
            const ours = variablesFor(family, "requestSeconds").map((variable) => variable.name);
            return [name, Object.keys(ownLimit?.environment(5) ?? {}).filter((variable) => ours.includes(variable))];
        });
        expect(Object.fromEntries(scaled)).to.deep.equal({
            "mms-hf": ["MMS_DEFAULT_RESPONSE_TIMEOUT_SECONDS"],
            mms: ["MMS_DEFAULT_RESPONSE_TIMEOUT_SECONDS"],
            torchserve: ["TS_DEFAULT_RESPONSE_TIMEOUT"],
            djl: ["PREDICT_TIMEOUT"],
            mlflow: ["MLFLOW_SCORING_SERVER_REQUEST_TIMEOUT"],
            gunicorn: [],
            uvicorn: [],
        });
    });
    it("are pinned, and each has its file, so that the same servers run next year", () => {
        const folder = path.join(root, "servers/requirements");
        const files = readdirSync(folder);
        const loose = files.flatMap((file) => readFileSync(path.join(folder, file), "utf8")
            .split("\n")
            .filter((line) => line !== "" && !/^#|^[a-z-]+==\d+(\.\d+)+$/.test(line)));
        expect(loose).to.deep.equal([]);
        expect(new Set(stacks.flatMap(({ requirements }) => requirements ?? []))).to.deep.equal(new Set(files));
    });
    it("say what the machine lacks instead of failing for it", () => {
        const bare = { python: false, java: false };
        const full = { python: true, java: true };
        expect(skipReason(named("mms"), bare, {})).to.equal("Python 3 is not on the PATH");
        expect(skipReason(named("mms"), { python: true, java: false }, {})).to.equal("Java is not on the PATH");
        expect(skipReason(named("gunicorn"), { python: true, java: false }, {})).to.equal(undefined);
        expect(skipReason(named("djl"), full, {})).to.equal("DJL_SERVING_HOME names no build");
        expect(skipReason(named("djl"), full, { DJL_SERVING_HOME: "/opt/djl" })).to.equal(undefined);
    });
});
