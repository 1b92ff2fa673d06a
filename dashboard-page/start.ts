import { readEarly } from './early-reads.js';
import { readPlace } from './place.js';
import { firstReads } from './reads.js';

readEarly(firstReads(readPlace(), Date.now()));
