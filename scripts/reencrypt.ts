import { runProgram } from '#libs/command';
import { reencryptFields } from './operator/reencrypt';

void runProgram(reencryptFields);
