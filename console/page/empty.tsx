import { Card } from "./parts";
import { page } from "./server";
import { useStore } from "./store";

/** A cloud with no service in it: what makes one. */
export function Empty() {
  const laptop = useStore(page, (value) => value.laptop);
  return (
    <>
      <h1>Nothing is deployed yet</h1>
      <p class="sentence">Deploy a program to this cloud: its service shows here by itself, with all of its jobs.</p>
      <div class="columns">
        {laptop?.howToDeploy.map(({ tool, commands }) => (
          <Card key={tool} title={tool}>
            <pre tabIndex={0}>{commands.join("\n")}</pre>
          </Card>
        ))}
      </div>
    </>
  );
}
