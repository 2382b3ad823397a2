import { runProgram } from '#libs/command';
import { fuzz } from '../tools/fuzz/command';

void runProgram(fuzz);
