import { runChecks } from '../tools/suite/run-checks';

void runChecks(process.argv.slice(2));
