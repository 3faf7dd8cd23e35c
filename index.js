import { AsyncInference } from "./components/asyncInference";
import { readSettings } from "./config";
const service = new AsyncInference("inference", readSettings());
