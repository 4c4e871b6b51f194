// What is wrong with an app package that has been unpacked into a folder, by Microsoft's own schemas, one line each:
// `node check_manifest.mjs FOLDER`. Leaves with 1 when anything is. Nothing is fetched: a schema that is not installed is a fault.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import published from "@microsoft/app-manifest";

globalThis.fetch = async (address) => {
  throw new Error(`not installed: ${address}`);
};

async function read(folder, name) {
  return JSON.parse(await readFile(join(folder, name), "utf8"));
}

// The schema of translations has two patterns (of activities, which we have none of) that end a bracket they never began: strict
// regular expressions refuse it. Only their spelling is mended.
function mended(schema) {
  const patterns = Object.entries(schema.patternProperties ?? {});
  return patterns.length === 0
    ? schema
    : { ...schema, patternProperties: Object.fromEntries(patterns.map(([key, rule]) => [key.replace("\\b]", "\\b\\]"), rule])) };
}

const { AppManifestUtils } = published;
const [folder] = process.argv.slice(2);
const manifest = await read(folder, "manifest.json");
const languages = manifest.localizationInfo?.additionalLanguages ?? [];
const names = ["manifest.json", ...languages.map((language) => language.file)];

const faults = [];
for (const name of names) {
  const content = await read(folder, name);
  const schema = mended(await AppManifestUtils.fetchSchema(content.$schema));
  const found = await AppManifestUtils.validateAgainstSchema(content, schema);
  faults.push(...found.map((fault) => `${name}: ${fault}`));
}
for (const fault of faults) console.log(fault);
console.log(`checked ${names.join(", ")} against ${manifest.$schema}`);
process.exitCode = faults.length ? 1 : 0;
