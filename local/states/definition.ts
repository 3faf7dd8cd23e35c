import { StateMachine } from "aws-local-stepfunctions";
import { ServiceError } from "../wire";
import { longestTimerSeconds } from "./tokens";

/** A definition as the engine takes it. */
export type Definition = ConstructorParameters<typeof StateMachine>[0];

/** A state of a definition, as far as it is looked at here. */
export interface State {
  Type: string;
  Resource?: string;
  Seconds?: number;
  TimeoutSeconds?: number;
  HeartbeatSeconds?: number;
}

/** Services that a task may call: Lambda alone, in three ways. */
const resource = /^arn:aws[a-z-]*:(lambda:[a-z0-9-]+:\d{12}:function:.+|states:::lambda:invoke(\.waitForTaskToken)?)$/;

/** What the engine does not have, and would pass over without a word. */
const unsupported = ["Assign", "Arguments", "Output", "ItemReader", "ItemBatcher", "ResultWriter", "Credentials", "HeartbeatSecondsPath"];

/**
 * Reads a definition in Amazon States Language.
 *
 * @throws ServiceError InvalidDefinition, or status 501 for what the embedded cloud does not have
 */
export function readDefinition(text: string): Definition {
  let definition: Definition;
  try {
    definition = JSON.parse(text) as Definition;
    // Checks a definition against the language's schema, its paths, and where its states lead; and writes defaults into it.
    new StateMachine(structuredClone(definition));
  } catch (error) {
    const words = (error as Error).message.replace(/^.*see error\(s\) below:\s*/s, "").replaceAll("\n", ", ");
    throw new ServiceError("InvalidDefinition", `Invalid State Machine Definition: '${words}'`);
  }
  const problems = [
    ...(isJsonata(definition) ? ["QueryLanguage JSONata"] : []),
    ...statesOf(definition).flatMap(([name, state]) => [
      ...(isJsonata(state) ? [`QueryLanguage JSONata of the state ${name}`] : []),
      ...unsupported.filter((field) => field in state).map((field) => `${field} of the state ${name}`),
      ...(state.Type === "Task" && !resource.test(state.Resource ?? "")
        ? [`the resource ${state.Resource} of the state ${name}: it has functions alone`]
        : []),
    ]),
  ];
  if (problems.length > 0) throw new ServiceError("NotImplemented", `The embedded cloud does not support ${problems.join(", ")}.`, 501);
  return definition;
}

function isJsonata(given: object): boolean {
  return "QueryLanguage" in given && given.QueryLanguage !== "JSONPath";
}

/** Every state of a definition, those inside of others included. */
export function statesOf(definition: Pick<Definition, "States">): [string, State][] {
  return Object.entries(definition.States).flatMap(([name, state]): [string, State][] => {
    const {
      Iterator,
      ItemProcessor,
      Branches = [],
    } = state as { Iterator?: Definition; ItemProcessor?: Definition; Branches?: Definition[] };
    const inner = [Iterator, ItemProcessor, ...Branches].filter((each) => each !== undefined);
    return [[name, state], ...inner.flatMap(statesOf)];
  });
}

/** The definition for the engine alone, whose own timeouts are the wall's, and a minute where none is given: tasks keep theirs themselves. */
export function withoutTimeouts(definition: Definition): Definition {
  const copy = structuredClone(definition);
  for (const [, state] of statesOf(copy)) if (state.Type === "Task") state.TimeoutSeconds = longestTimerSeconds;
  return copy;
}
