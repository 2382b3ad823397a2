import { runLocally } from '../tools/suite/run-locally';
import { rebuildOnChange } from '../tools/suite/develop';

void runLocally(process.argv.slice(2), (suite) => void rebuildOnChange(suite));
