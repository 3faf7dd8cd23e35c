import { expect } from "chai";
import { properties, shortened } from "../../servers/properties";
import { readOptions } from "../../servers/run";
import { stacks } from "../../servers/stacks";
describe("npm run test:servers", () => {
    it("takes the stacks and properties to run, and all without any", () => {
        expect(readOptions(["--only", "mms", "uvicorn", "--rows", "7mb", "--write"])).to.deep.equal({
            only: ["mms", "uvicorn"],
            rows: ["7mb"],
            write: true,
        });
        expect(readOptions([])).to.deep.equal({ only: [], rows: [] });
    });
    it("tries each property once, by a name of its own", () => {
        const names = properties.map(({ name }) => name);
        expect(new Set(names).size).to.equal(names.length);
        expect(stacks.map((stack) => [stack.name, properties.filter(({ of }) => of?.(stack) ?? true).length])).to.deep.equal([
            ["mms-hf", 14],
            ["mms", 12],
            ["torchserve", 12],
            ["djl", 12],
            ["mlflow", 12],
            ["gunicorn", 12],
            ["uvicorn", 11],
        ]);
    });
    it("keeps what a server said in one line of bounded length", () => {
        expect(shortened(" two\nlines\t here ")).to.equal("two lines here");
        expect(shortened("x".repeat(20), 10)).to.equal("xxxxxxxxxx …");
    });
});
