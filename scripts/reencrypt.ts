import { runProgram } from './operator/command';
import { reencryptFields } from './operator/reencrypt';

void runProgram(reencryptFields);
