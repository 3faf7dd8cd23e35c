const aws = "https://docs.aws.amazon.com";
/** AWS's pages on which bounds are taken from. */
export const pages = {
    sageMakerApi: `${aws}/sagemaker/latest/APIReference`,
    invokeApi: `${aws}/sagemaker/latest/APIReference/API_runtime_InvokeEndpointAsync.html`,
    variantApi: `${aws}/sagemaker/latest/APIReference/API_ProductionVariant.html`,
    s3: `${aws}/AmazonS3/latest`,
    autoScalingApi: `${aws}/autoscaling/application/APIReference`,
};
/** What the name of a bucket looks like. */
export const bucketPattern = /^(?!.*\.\.|\d+\.\d+\.\d+\.\d+$)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;
