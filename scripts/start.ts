import { runLocally } from './local/run-locally';

void runLocally(process.argv.slice(2));
