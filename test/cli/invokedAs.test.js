import { expect } from "chai";
import { invokedAs } from "../../cli/invokedAs";
describe("how hints spell the command line: they work where they stand", () => {
    it("as npx in a project, in an npm script of one's own, and by Node itself", () => {
        const bin = "/app/node_modules/.bin";
        expect(invokedAs({ npm_lifecycle_event: "npx", PATH: `${bin}:/bin` }, `${bin}/sagemaker-async`)).to.equal("npx sagemaker-async");
        expect(invokedAs({ npm_lifecycle_event: "nightly", PATH: `${bin}:/bin` }, `${bin}/sagemaker-async`)).to.equal("npx sagemaker-async");
        expect(invokedAs({ PATH: "/bin" }, `${bin}/sagemaker-async`)).to.equal("npx sagemaker-async");
        expect(invokedAs({ PATH: "/bin" }, "/app/dist/cli.js")).to.equal("npx sagemaker-async");
    });
    it("alone when it is on the PATH of the shell", () => {
        expect(invokedAs({ PATH: "/bin:/usr/local/bin" }, "/usr/local/bin/sagemaker-async")).to.equal("sagemaker-async");
    });
    it("as the repository's script when that runs it", () => {
        expect(invokedAs({ npm_lifecycle_event: "cli", PATH: "/bin" }, "/repo/build/cli/main.js")).to.equal("npm run --silent cli --");
    });
});
