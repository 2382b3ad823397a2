import { runProgram } from '#libs/command';
import { reencryptFields } from '#libs/operations';

void runProgram(reencryptFields);
