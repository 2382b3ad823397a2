import { parse, runProgram, type Command } from '#libs/command';
import { differing, overlays, renderedFile, writeRendered } from '../tools/manifests/rendered';

const help = `npm run manifests [-- --check]

Writes what each overlay in k8s/overlays becomes to k8s/rendered/, where reviewers see it and the tests read it. Run it after
every change in k8s/. Needs kubectl 1.30 or newer, but no cluster.

  --check   writes nothing; exits with 1 if a rendering isn't what kubectl makes of the sources

Examples
  npm run manifests
  npm run manifests -- --check`;

const manifests: Command = async (args) => {
  const parsed = parse('manifests', args, { check: { type: 'boolean' } });
  if (parsed === undefined) return void console.log(help);
  if (parsed.values.check !== true) {
    await writeRendered();
    for (const overlay of overlays) console.log(`Written: ${renderedFile(overlay)}`);
    return undefined;
  }
  const stale = await differing();
  for (const overlay of stale) console.log(`k8s/rendered/${overlay}.yaml is out of date. Run npm run manifests.`);
  if (stale.length === 0) console.log(`k8s/rendered is current: ${overlays.join(', ')}`);
  return stale.length === 0 ? undefined : 1;
};

void runProgram(manifests);
