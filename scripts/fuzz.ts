import { fuzz } from './fuzz/command';
import { runProgram } from './operator/command';

void runProgram(fuzz);
