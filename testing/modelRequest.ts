/** What a test's model gets: the body of its request. */
export interface ModelRequest {
  jobId: string;
  contentType: string | undefined;
  accept: string | undefined;
  customAttributes: string | undefined;
  metadata: Readonly<Record<string, string>>;
}
