import { fuzz } from '../tools/fuzz/command';
import { runProgram } from '#libs/command';

void runProgram(fuzz);
