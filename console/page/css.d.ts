/** Styles, which esbuild writes into page.css. */
declare module "*.css";
