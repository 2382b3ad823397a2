import { runProgram } from '#libs/command';
import { addPart } from '../tools/new/command';

void runProgram(addPart);
