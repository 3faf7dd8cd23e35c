#!/usr/bin/env bash
# event-ruler 1.8.1 (Maven: software.amazon.event.ruler), the matcher behind EventBridge's patterns.
#
# Guess:     `exists` tells whether the field is there, whatever it holds; a dotted name and a nested field are different fields; a
#            rule that `addRule` takes is one that `RuleCompiler.check` finds valid.
# Behaviour: only leaves exist: a field that holds an object or an empty list does not exist, so that a rule for events
#            "without error" takes those whose error is an object. {"a.b": 1} and {"a": {"b": 1}} are the same. `check` refuses
#            every `$or`, which `addRule` matches.
# Output:    see `expected` below.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat >pom.xml <<'XML'
<project><modelVersion>4.0.0</modelVersion><groupId>show</groupId><artifactId>show</artifactId><version>1</version><dependencies>
  <dependency><groupId>software.amazon.event.ruler</groupId><artifactId>event-ruler</artifactId><version>1.8.1</version></dependency>
</dependencies></project>
XML
mvn --quiet --batch-mode dependency:copy-dependencies -DoutputDirectory=lib >log 2>&1
cat >Match.java <<'JAVA'
import software.amazon.event.ruler.Machine;
import software.amazon.event.ruler.RuleCompiler;

public class Match {
  static void match(String rule, String event) throws Exception {
    Machine machine = new Machine();
    machine.addRule("rule", rule);
    System.out.println(rule + " on " + event + ": " + !machine.rulesForJSONEvent(event).isEmpty());
  }

  public static void main(String[] arguments) throws Exception {
    match("{\"error\":[{\"exists\":false}]}", "{\"error\":{\"code\":5}}");
    match("{\"error\":[{\"exists\":true}]}", "{\"error\":{\"code\":5}}");
    match("{\"pages\":[{\"exists\":true}]}", "{\"pages\":[]}");
    match("{\"job\":{\"id\":[1]}}", "{\"job.id\":1}");
    String either = "{\"$or\":[{\"a\":[1]},{\"b\":[2]}]}";
    match(either, "{\"b\":2}");
    System.out.println("check: " + RuleCompiler.check(either).split("\n")[0]);
  }
}
JAVA
seen=$(java -cp "lib/*" Match.java 2>>log)
expected='{"error":[{"exists":false}]} on {"error":{"code":5}}: true
{"error":[{"exists":true}]} on {"error":{"code":5}}: false
{"pages":[{"exists":true}]} on {"pages":[]}: false
{"job":{"id":[1]}} on {"job.id":1}: true
{"$or":[{"a":[1]},{"b":[2]}]} on {"b":2}: true
check: Unrecognized match type a'

printf 'event-ruler 1.8.1\n%s\n' "$seen"
[ "$seen" = "$expected" ] || {
  printf 'changed: expected\n%s\n' "$expected" >&2
  exit 1
}
