import { setClock } from './clock.js';
import { readEarly } from './early-reads.js';
import { readPlace } from './place.js';
import { firstReads } from './reads.js';

setClock();
readEarly(firstReads(readPlace()));
