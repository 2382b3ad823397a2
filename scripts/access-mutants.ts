import { runProgram } from './operator/command';
import { tryMutants } from './access-matrix/mutation';

void runProgram(tryMutants);
