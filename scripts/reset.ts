import { runProgram } from '#libs/command';
import { reset } from '../tools/suite/reset';

void runProgram(reset);
