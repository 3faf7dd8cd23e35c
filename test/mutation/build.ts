/** Builds the copy of the project that StrykerJS has made in the working directory, before it runs tests on it. */
import { execSync } from "node:child_process";
import { symlinkSync } from "node:fs";
import path from "node:path";

const root = path.resolve(__dirname, "../../..");

/** Links the packages into the copy. StrykerJS itself would do so after the build, which calls its compiler by a path in them. */
export function linkPackages(copy: string): void {
  symlinkSync(path.join(root, "node_modules"), path.join(copy, "node_modules"), "junction");
}

if (require.main === module) {
  linkPackages(process.cwd());
  execSync("npm run build --silent", { stdio: "inherit" });
}
