"use strict";
// StrykerJS's mocha runner 10.0.0 asks for mocha's `lib/cli/run-helpers`, which mocha 12 has as run-helpers.cjs only.
require.extensions[".cjs"] = require.extensions[".js"];
