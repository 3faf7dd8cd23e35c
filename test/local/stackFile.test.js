import { expect } from "chai";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { readStack } from "../../local/stackFile";
describe("A stack's settings", () => {
    let directory;
    beforeEach(() => {
        directory = mkdtempSync(path.join(tmpdir(), "stack-"));
        write("Pulumi.yaml", "name: shop\nruntime: nodejs\n");
    });
    afterEach(() => rmSync(directory, { recursive: true }));
    function write(name, content) {
        writeFileSync(path.join(directory, name), content);
    }
    it("reach the program as the Pulumi CLI passes them: full keys, scalars as text, lists and maps as JSON", () => {
        write("Pulumi.dev.yaml", "config:\n  count: 5\n  shop:ratio: 0.5\n  shop:config:on: true\n  aws:region: eu-west-1\n" +
            "  list: [1, a]\n  map: { a: { b: c } }\n  text: '007'\n  local:modelCommand: node model.js\n");
        expect(readStack(directory, "dev")).to.deep.equal({
            directory,
            project: "shop",
            stack: "dev",
            main: directory,
            config: {
                "shop:count": "5",
                "shop:ratio": "0.5",
                "shop:on": "true",
                "aws:region": "eu-west-1",
                "shop:list": '[1,"a"]',
                "shop:map": '{"a":{"b":"c"}}',
                "shop:text": "007",
                "local:modelCommand": "node model.js",
            },
            secretKeys: [],
            localSettings: { modelCommand: "node model.js" },
        });
    });
    it("take Pulumi.yaml's defaults, entry, folder of stack files and secrets", () => {
        write("Pulumi.yaml", "name: shop\nruntime: { name: nodejs }\nmain: src/index.ts\nstackConfigDir: stacks\n" +
            "config:\n  size: { type: integer, default: 3 }\n  names: { type: array, default: [a] }\n  aws:region: eu-west-1\n" +
            "  token: { type: string, secret: true }\n  optional: { description: has no type and may be missing }\n");
        mkdirSync(path.join(directory, "stacks"));
        write("stacks/Pulumi.dev.yaml", "config:\n  token: t\n  size: 4\n");
        const { main, config, secretKeys } = readStack(directory, "dev");
        expect({ main, config, secretKeys }).to.deep.equal({
            main: path.join(directory, "src/index.ts"),
            config: { "shop:token": "t", "shop:size": "4", "shop:names": '["a"]', "aws:region": "eu-west-1" },
            secretKeys: ["shop:token"],
        });
    });
    it("can be overridden for one deployment", () => {
        write("Pulumi.dev.yaml", "config:\n  size: 4\n  local:modelCommand: node model.js\n");
        const { config, localSettings } = readStack(directory, "dev", { "local:modelCommand": "./serve", "shop:colour": "red" });
        expect({ config, localSettings }).to.deep.equal({
            config: { "shop:size": "4", "local:modelCommand": "./serve", "shop:colour": "red" },
            localSettings: { modelCommand: "./serve" },
        });
    });
    const faults = [
        {
            title: "that are encrypted, however deep, are refused by name",
            files: { "Pulumi.dev.yaml": "config:\n  shop:database: { password: { secure: AAAB } }\n" },
            message: "<dir>/Pulumi.dev.yaml: shop:database.password is encrypted (secure:), which the embedded cloud cannot read; give this stack a plain value",
        },
        {
            title: "of a stack that does not exist name those that do",
            files: { "Pulumi.prod.yaml": "", "Pulumi.test.yaml": "" },
            message: 'no stack "dev": <dir>/Pulumi.dev.yaml does not exist; stacks there: prod, test',
        },
        {
            title: "say how to make the first stack",
            files: {},
            message: 'no stack "dev": <dir>/Pulumi.dev.yaml does not exist; create it, empty when the program needs no settings',
        },
        {
            title: "that Pulumi.yaml requires are asked for",
            files: { "Pulumi.yaml": "name: shop\nruntime: nodejs\nconfig: { size: { type: integer } }", "Pulumi.dev.yaml": "" },
            message: "<dir>/Pulumi.dev.yaml: shop:size is missing, and Pulumi.yaml gives it no default",
        },
        {
            title: "of another type than Pulumi.yaml declares are refused",
            files: {
                "Pulumi.yaml": "name: shop\nruntime: nodejs\nconfig: { list: { type: array } }",
                "Pulumi.dev.yaml": "config: { list: many }",
            },
            message: '<dir>/Pulumi.dev.yaml: shop:list is "many"; Pulumi.yaml declares type array',
        },
        {
            title: "in a broken file name the file and the place",
            files: { "Pulumi.dev.yaml": "config:\n  - a\n" },
            message: '<dir>/Pulumi.dev.yaml: config: got ["a"], expected a mapping',
        },
        {
            title: "of a program in another language are refused",
            files: { "Pulumi.yaml": "name: shop\nruntime: python\n" },
            message: '<dir>/Pulumi.yaml: runtime is "python"; the embedded cloud runs programs of the runtime nodejs',
        },
    ];
    for (const { title, files, message } of faults) {
        it(title, () => {
            for (const [name, content] of Object.entries(files))
                write(name, content);
            expect(() => readStack(directory, "dev")).to.throw(Error, message.replaceAll("<dir>", directory));
        });
    }
    it("need a Pulumi program", () => {
        expect(() => readStack("/", "dev")).to.throw(Error, "/ is not a Pulumi program: it has no Pulumi.yaml");
    });
});
