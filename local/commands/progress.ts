import { DefaultRenderer, Listr, ListrLogger, ProcessOutput } from "listr2";
import { duration } from "../../core/duration";
import type { DeployEvent } from "../deploy/deploy";
import type { StackOutputs } from "../deploy/pulumiResources";
import type { EmbeddedCloud, ProgramSource } from "../embeddedCloud";
import type { CloudEvent } from "../ports";

/**
 * Shows a deployment while it runs: a live list on a terminal, a line for each resource anywhere else.
 * What `deployment` throws is thrown on, not shown.
 *
 * @param title what is deployed: `project/stack`
 * @param stream where to write. @default the standard output
 */
export async function showDeployment<Result>(
  title: string,
  deployment: (onEvent: (event: DeployEvent) => void) => Promise<Result>,
  stream: NodeJS.WriteStream = process.stdout,
): Promise<Result> {
  const tally = new Tally();
  const start = performance.now();
  const summary = () => `${title}: ${tally.summary} in ${duration(performance.now() - start)}`;

  if (!stream.isTTY || process.env["CI"]) {
    stream.write(`Deploying ${title}\n`);
    const result = await deployment((event) => {
      const line = tally.add(event);
      if (line !== undefined) stream.write(`  ${line}\n`);
    });
    stream.write(`Deployed ${summary()}\n`);
    return result;
  }

  let result: Result | undefined;
  const list = new Listr(
    [
      {
        title: `Deploying ${title}`,
        task: async (_context, task) => {
          result = await deployment((event) => {
            const line = tally.add(event);
            if (line !== undefined) task.output = line;
            task.title = `Deploying ${title}: ${tally.toString()}`;
          });
          task.title = `Deployed ${summary()}`;
        },
        // The spinner's line, the prompt's and a margin stay free; what scrolls out was created long ago.
        rendererOptions: { outputBar: Math.max(5, stream.rows - 5) },
      },
    ],
    {
      registerSignalListeners: false,
      renderer: TerminalRenderer,
      rendererOptions: {
        collapseErrors: false,
        showErrorMessage: false,
        logger: new ListrLogger({ useIcons: true, toStderr: [], processOutput: new ProcessOutput(stream, stream) }),
      },
    },
  );
  try {
    await list.run();
  } finally {
    // The list folds into its title; what the program had to say stays.
    for (const message of tally.messages) stream.write(`${message}\n`);
  }
  return result as Result;
}

/**
 * A deployment to an embedded cloud for {@link showDeployment}, with what the cloud warns of meanwhile: a model that does not answer,
 * say, which may be waited for half an hour.
 */
export function deploymentOf(
  cloud: Pick<EmbeddedCloud, "deploy" | "events">,
  source: ProgramSource,
): (onEvent: (event: DeployEvent) => void) => Promise<StackOutputs> {
  return async (onEvent) => {
    const hear = (event: CloudEvent) => {
      if (event.kind === "warning") onEvent({ kind: "message", severity: "warning", text: event.message });
    };
    cloud.events.on("event", hear);
    try {
      return await cloud.deploy(source, onEvent);
    } finally {
      cloud.events.off("event", hear);
    }
  };
}

/** The live list. That its stream is a terminal is known; listr2 would look at the standard output, which may not be it. */
class TerminalRenderer extends DefaultRenderer {
  static override nonTTY = true;
}

/** Counts what a deployment has made, and words its events. */
class Tally {
  created = 0;
  updated = 0;
  replaced = 0;
  readonly messages: string[] = [];
  private readonly open = new Set<string>();

  /** The event's line, if it has one. */
  add(event: DeployEvent): string | undefined {
    switch (event.kind) {
      case "component":
        return undefined;
      case "message": {
        const message = event.severity === "output" ? event.text : `${event.severity}: ${event.text}`;
        this.messages.push(message);
        return message;
      }
      case "resource":
        return this.resource(event);
    }
  }

  private resource(event: Extract<DeployEvent, { kind: "resource" }>): string | undefined {
    if (event.change === "creating") {
      this.open.add(event.name);
      return undefined;
    }
    this.open.delete(event.name);
    if (event.change === "created") this.created++;
    if (event.change === "updated") this.updated++;
    if (event.change === "replaced") this.replaced++;
    return `${event.change} ${event.type} ${event.name} (${duration(event.milliseconds)})`;
  }

  /** What a deployment did; a repeated one may have done nothing. */
  get summary(): string {
    const { created, updated, replaced } = this;
    const counts = [
      ...(created > 0 ? [`${created} resources`] : []),
      ...(updated > 0 ? [`${updated} updated`] : []),
      ...(replaced > 0 ? [`${replaced} replaced`] : []),
    ];
    return counts.length === 0 ? "nothing changed" : counts.join(", ");
  }

  toString(): string {
    const [first, second, ...others] = this.open;
    const names = [first, second].filter((name) => name !== undefined).join(", ") + (others.length > 0 ? ` and ${others.length} more` : "");
    return names === "" ? `${this.created} created` : `${this.created} created, creating ${names}`;
  }
}
