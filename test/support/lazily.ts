import { loadNamespacesAtFirstUse, loadPackagesAtFirstUse } from "../../local/deploy/remember";

// As in a deployment: most test files need nothing of Pulumi that takes a second to load.
loadPackagesAtFirstUse();
loadNamespacesAtFirstUse();
