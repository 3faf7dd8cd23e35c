import { Option } from "commander";
import { terminalStates } from "../../core/records/job";
import { email, state } from "../options";
import { addCommand, addCommonOptions, withService } from "../session";
/** `sagemaker-async subscribe` */
export function addSubscribe(program, session) {
  const command = addCommand(program, "subscribe", "Send the ends of jobs to an email address.", [
    "sagemaker-async subscribe --stack prod --email ml-team@example.com",
    "sagemaker-async subscribe --stack prod --email ml-team@example.com --state FAILED EXPIRED",
  ])
    .addOption(new Option("--email <address>", "who gets a mail for each job that ends").argParser(email).makeOptionMandatory())
    .addOption(
      new Option("--state <state...>", "only jobs that end so").choices(terminalStates).argParser(state(terminalStates)).default([], "all"),
    );
  return addCommonOptions(command, { target: true }).action(async (options) => {
    await withService(session, options, async ({ target, aws }) => {
      const { SNSClient, SubscribeCommand } = await import("@aws-sdk/client-sns");
      const client = new SNSClient(aws);
      const topicArn = target.outputs.jobsTopicArn;
      try {
        await client.send(
          new SubscribeCommand({
            TopicArn: topicArn,
            Protocol: "email",
            Endpoint: options.email,
            ...(options.state.length > 0 && { Attributes: { FilterPolicy: JSON.stringify({ state: options.state }) } }),
          }),
        );
      } finally {
        client.destroy();
      }
      const report = {
        email: options.email,
        topicArn,
        states: options.state.length > 0 ? options.state : [...terminalStates],
        state: "PENDING_CONFIRMATION",
      };
      session.output.show(report, () =>
        session.output.fit(
          `AWS has sent a mail to ${options.email}: the subscription begins when the link in it is opened, within three days.`,
          0,
        ),
      );
      if (options.state.length > 0) session.output.note("A filter takes up to 15 minutes to take effect; until then every end may come.");
    });
  });
}
