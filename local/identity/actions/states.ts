import { stateMachineArnOf } from "../../states/tokens";
import { judgedBy, readJson, text, type Place, type Rule } from "./table";

const arn = (place: Place, name: string) => `arn:aws:states:${place.region}:${place.accountId}:stateMachine:${name}`;
const onMachine: Rule = { on: (input) => text(input, "stateMachineArn") };
const onExecution: Rule = { on: (input) => text(input, "executionArn") };
const onTagged: Rule = { on: (input) => text(input, "resourceArn") };
const onAll: Rule = { on: (_, place) => arn(place, "*") };
/** The state machine whose task it is, as AWS says in its denials. */
const onTask: Rule = { on: (input, place) => stateMachineArnOf(text(input, "taskToken")) || arn(place, "*") };

/** https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsstepfunctions.html */
export const states = judgedBy(
  "states",
  {
    CreateStateMachine: { on: (input, place) => arn(place, text(input, "name")) },
    DeleteStateMachine: onMachine,
    DescribeExecution: onExecution,
    DescribeStateMachine: onMachine,
    ListExecutions: onMachine,
    ListStateMachines: onAll,
    ListTagsForResource: onTagged,
    SendTaskFailure: onTask,
    SendTaskHeartbeat: onTask,
    SendTaskSuccess: onTask,
    StartExecution: onMachine,
    StopExecution: onExecution,
    TagResource: onTagged,
    UntagResource: onTagged,
    UpdateStateMachine: onMachine,
    ValidateStateMachineDefinition: onAll,
  },
  readJson,
);
