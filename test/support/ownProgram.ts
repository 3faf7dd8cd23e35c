/** The project's own program, as tests deploy it: its functions are serialized once per build instead of once per deployment. */
import * as pulumi from "@pulumi/pulumi";
import { rememberOnDisk } from "./rememberedOnDisk";

pulumi.runtime.serializeFunction = rememberOnDisk(pulumi.runtime.serializeFunction);

// The program runs when it is loaded: after the line above.
// eslint-disable-next-line @typescript-eslint/no-require-imports -- see above
import outputs = require("../..");
export = outputs;
