import { runProgram } from '#libs/command';
import { tryMutants } from '../tools/access-matrix/mutation';

void runProgram(tryMutants);
