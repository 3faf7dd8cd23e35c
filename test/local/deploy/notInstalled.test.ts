import { expect } from "chai";
import { notInstalled } from "../../../local/deploy/notInstalled";

const missing = (message: string, rest: object = {}) => Object.assign(new Error(message), { code: "MODULE_NOT_FOUND", ...rest });

describe("a package that a program needs and that nobody installed", () => {
  it("is named with the file that needs it, whichever way it loads it", () => {
    const required = missing("Cannot find module 'sharp/lib'\nRequire stack:\n- /app/src/index.ts", {
      requireStack: ["/app/src/index.ts"],
    });
    const imported = missing("Cannot find package 'sharp' imported from /app/src/index.ts", { code: "ERR_MODULE_NOT_FOUND" });
    const sentence = "src/index.ts needs the package sharp, which is not installed: in /app, run npm install";

    expect([notInstalled(required, "/app"), notInstalled(imported, "/app")]).to.deep.equal([sentence, sentence]);
  });

  it("is this one: it comes from a tarball, since no registry has it", () => {
    const required = missing("Cannot find module 'sagemaker-async-inference'", { requireStack: ["/app/index.ts"] });

    expect(notInstalled(required, "/app")).to.match(/run npm install \/path\/to\/sagemaker-async-inference-VERSION\.tgz, which npm pack/);
  });

  it("is none where a file is misspelt, where a package lacks one of its own, and for any other error", () => {
    const others = [
      missing("Cannot find module './handlers'", { requireStack: ["/app/index.ts"] }),
      missing("Cannot find module '/app/handlers.mjs' imported from /app/index.mjs", { code: "ERR_MODULE_NOT_FOUND" }),
      missing("Cannot find module 'debug'", { requireStack: ["/app/node_modules/express/index.js", "/app/index.ts"] }),
      missing("Cannot find module 'debug'", { requireStack: ["/elsewhere/index.js"] }),
      new TypeError("not like this"),
      "a text",
      undefined,
    ];

    expect(others.map((error) => notInstalled(error, "/app"))).to.deep.equal(others.map(() => undefined));
  });
});
