export { serviceOutputs } from "../../testing/outputs";
