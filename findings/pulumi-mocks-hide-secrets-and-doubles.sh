#!/usr/bin/env bash
# @pulumi/pulumi 3.276.0, a unit test with `setMocks` of a program that has secrets, and two resources of one type and name.
#
# Guess:     the mock sees the values that the provider would see; an output that `additionalSecretOutputs` names is secret; the second
#            resource of one name is refused, as `pulumi up` and `pulumi preview` refuse it.
# Behaviour: the mock gets an object of a signature and the value for the secret, so that a test of the value fails, or finds nothing in it.
#            The output that additionalSecretOutputs names is plain: a test that no secret leaks sees a leak where there is none. Both
#            resources of one name are registered, under one URN. `protect`, `dependsOn` and `ignoreChanges` aren't given to the mock.
# Output:    see `expected` below.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --prefix . @pulumi/pulumi@3.276.0
cat >secrets.js <<'JAVASCRIPT'
const pulumi = require("@pulumi/pulumi");

class Queue extends pulumi.CustomResource {
  constructor(name, inputs, options) {
    super("shop:index:Queue", name, { token: undefined, password: undefined, ...inputs }, options);
  }
}

async function main() {
  const seen = {};
  await pulumi.runtime.setMocks({
    newResource: ({ name, inputs, ...more }) => {
      seen[name] = { inputs, more };
      return { id: `${name}-id`, state: { ...inputs, password: "made by the provider" } };
    },
    call: () => ({}),
  });
  const orders = new Queue("orders", { token: pulumi.secret("t0ken") }, { additionalSecretOutputs: ["password"], protect: true });
  console.log("token is secret:", await orders.token.isSecret);
  console.log("password is secret:", await orders.password.isSecret);
  const { token } = seen.orders.inputs;
  console.log("token of the mock:", typeof token, Object.keys(token).length, "fields, value", token.value);
  console.log("given to the mock:", Object.keys(seen.orders.more).sort().join(", "));
  const urns = await Promise.all([1, 2].map((size) => new Queue("again", { size }).urn.promise()));
  console.log("two of one name:", urns[0] === urns[1] ? "one URN" : "two URNs");
}

main();
JAVASCRIPT
seen=$(node secrets.js)
expected='token is secret: true
password is secret: false
token of the mock: object 2 fields, value t0ken
given to the mock: custom, id, provider, transforms, type
two of one name: one URN'

printf '@pulumi/pulumi 3.276.0\n%s\n' "$seen"
[ "$seen" = "$expected" ] || {
  printf 'changed: expected\n%s\n' "$expected" >&2
  exit 1
}
