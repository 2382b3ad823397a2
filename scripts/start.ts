import { runLocally } from '../tools/suite/run-locally';

void runLocally(process.argv.slice(2));
