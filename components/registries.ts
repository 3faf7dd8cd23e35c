/**
 * Registry accounts of AWS's own images by region. The images of SageMaker's algorithms, and Text Embeddings Inference with
 * them, have other accounts than the deep learning containers.
 *
 * https://github.com/aws/deep-learning-containers/blob/main/docs/reference/region_availability.md; GovCloud, the isolated
 * regions, and the Middle East of the algorithms: https://github.com/aws/sagemaker-python-sdk (image_uri_config)
 */
const usual = "763104351884";

/** Where an image is published. */
export type Registry = keyof typeof registryAccounts;

/** Account of each registry in each region that has it. */
export const registryAccounts = {
  "deep-learning-containers": {
    "af-south-1": "626614931356",
    "ap-east-1": "871362719292",
    "ap-east-2": "975050140332",
    "ap-northeast-1": usual,
    "ap-northeast-2": usual,
    "ap-northeast-3": "364406365360",
    "ap-south-1": usual,
    "ap-south-2": "772153158452",
    "ap-southeast-1": usual,
    "ap-southeast-2": usual,
    "ap-southeast-3": "907027046896",
    "ap-southeast-4": "457447274322",
    "ap-southeast-5": "550225433462",
    "ap-southeast-6": "633930458069",
    "ap-southeast-7": "590183813437",
    "ca-central-1": usual,
    "ca-west-1": "204538143572",
    "cn-north-1": "727897471807",
    "cn-northwest-1": "727897471807",
    "eu-central-1": usual,
    "eu-central-2": "380420809688",
    "eu-north-1": usual,
    "eu-south-1": "692866216735",
    "eu-south-2": "503227376785",
    "eu-west-1": usual,
    "eu-west-2": usual,
    "eu-west-3": usual,
    "il-central-1": "780543022126",
    "me-central-1": "914824155844",
    "me-south-1": "217643126080",
    "mx-central-1": "637423239942",
    "sa-east-1": usual,
    "us-east-1": usual,
    "us-east-2": usual,
    "us-gov-east-1": "446045086412",
    "us-gov-west-1": "442386744353",
    "us-iso-east-1": "886529160074",
    "us-isob-east-1": "094389454867",
    "us-isof-east-1": "303241398832",
    "us-isof-south-1": "454834333376",
    "us-west-1": usual,
    "us-west-2": usual,
  },
  "sagemaker-algorithms": {
    "af-south-1": "510948584623",
    "ap-east-1": "651117190479",
    "ap-northeast-1": "354813040037",
    "ap-northeast-2": "366743142698",
    "ap-northeast-3": "867004704886",
    "ap-south-1": "720646828776",
    "ap-south-2": "628508329040",
    "ap-southeast-1": "121021644041",
    "ap-southeast-2": "783357654285",
    "ap-southeast-3": "951798379941",
    "ap-southeast-4": "106583098589",
    "ca-central-1": "341280168497",
    "ca-west-1": "190319476487",
    "cn-north-1": "450853457545",
    "cn-northwest-1": "451049120500",
    "eu-central-1": "492215442770",
    "eu-central-2": "680994064768",
    "eu-north-1": "662702820516",
    "eu-south-1": "978288397137",
    "eu-south-2": "104374241257",
    "eu-west-1": "141502667606",
    "eu-west-2": "764974769150",
    "eu-west-3": "659782779980",
    "il-central-1": "898809789911",
    "me-central-1": "272398656194",
    "me-south-1": "801668240914",
    "sa-east-1": "737474898029",
    "us-east-1": "683313688378",
    "us-east-2": "257758044811",
    "us-gov-east-1": "237065988967",
    "us-gov-west-1": "414596584902",
    "us-iso-east-1": "833128469047",
    "us-isob-east-1": "281123927165",
    "us-west-1": "746614075791",
    "us-west-2": "246618743249",
  },
} as const;

/** Account of a registry in a region; undefined where AWS publishes nothing there, as far as is known here. */
export function registryAccount(registry: Registry, region: string): string | undefined {
  const accounts: Readonly<Record<string, string>> = registryAccounts[registry];
  return Object.hasOwn(accounts, region) ? accounts[region] : undefined;
}
