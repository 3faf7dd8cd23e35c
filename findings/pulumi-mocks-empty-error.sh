#!/usr/bin/env bash
# @pulumi/pulumi 3.276.0, a unit test with `setMocks` whose mocks throw: `newResource` for a resource, `call` for an invoke (data source).
#
# Guess:     both errors reach the program with the mock's message: a test can tell which error the program met.
# Behaviour: the resource's error has the message. The invoke's has an empty one: the runtime passes on the property `details`, which
#            errors of gRPC have and other errors do not. A mock must throw an error with `details`.
# Output:    see `expected` below.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --prefix . @pulumi/pulumi@3.276.0
cat >throw.js <<'JAVASCRIPT'
const pulumi = require("@pulumi/pulumi");

// Each rejection is read below; Pulumi keeps more promises of it.
process.on("unhandledRejection", () => {});

async function main() {
  await pulumi.runtime.setMocks({
    newResource: () => {
      throw new Error("quota is used up");
    },
    call: ({ inputs }) => {
      throw Object.assign(new Error("no such bucket"), inputs.more);
    },
  });
  const messageOf = (promise) => promise.catch(({ message }) => JSON.stringify(message));
  console.log("resource:", await messageOf(new pulumi.CustomResource("shop:index:Queue", "orders").id.promise()));
  console.log("invoke:", await messageOf(pulumi.runtime.invoke("shop:index:getBucket", {})));
  console.log("invoke, details:", await messageOf(pulumi.runtime.invoke("shop:index:getBucket", { more: { details: "no such bucket" } })));
}

main();
JAVASCRIPT
seen=$(node throw.js)
expected='resource: "failed to register new resource orders [shop:index:Queue]: quota is used up"
invoke: ""
invoke, details: "no such bucket"'

printf '@pulumi/pulumi 3.276.0\n%s\n' "$seen"
[ "$seen" = "$expected" ] || {
  printf 'changed: expected\n%s\n' "$expected" >&2
  exit 1
}
