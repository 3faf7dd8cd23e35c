import { enableCompileCache } from "node:module";
import path from "node:path";
// Every process that a test starts loads the same modules; `build` is thrown away with what was compiled of it.
process.env["NODE_COMPILE_CACHE"] ??= path.join(__dirname, "../../compile-cache");
enableCompileCache();
